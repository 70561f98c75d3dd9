import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AirError, messageOf, systemCode } from '../../errors.js';
import { shellWord } from '../../shell-word.js';

export type Section = Readonly<Record<string, string>>;

/** A `.databrickscfg`, read: its sections in order, and how to call the file in a message. */
export interface ProfileFile {
  readonly path: string;
  /** The path as a user would write it: `~/.databrickscfg`. */
  readonly label: string;
  /** False when there is no such file; it then has no sections. */
  readonly exists: boolean;
  readonly sections: ReadonlyMap<string, Section>;
  /** Permission bits that let other users read the file are set. */
  readonly readableByOthers: boolean;
}

export const settingsSection = '__settings__';

/**
 * Reads the INI dialect of `.databrickscfg`: sections, `key = value` or `key: value`, keys in any case, whole-line
 * comments by `#` or `;`, comments after a value behind white space, values in matching quotes. The last of two
 * equal keys counts; a section may be continued. Lines before the first section belong to `DEFAULT`.
 */
export function parseProfiles(text: string): Map<string, Section> {
  const sections = new Map<string, Record<string, string>>();
  let name = 'DEFAULT';
  for (const raw of text.replace(/^\uFEFF/, '').split(/\r?\n|\r/)) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    const header = /^\[([^\]]*)\]/.exec(line);
    if (header) {
      name = header[1]?.trim() ?? '';
      if (!sections.has(name)) sections.set(name, {});
      continue;
    }
    const pair = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(line);
    if (!pair) continue;
    const section = sections.get(name) ?? {};
    section[pair[1]?.toLowerCase() ?? ''] = valueOf(pair[2] ?? '');
    sections.set(name, section);
  }
  return sections;
}

function valueOf(text: string): string {
  const quoted = /^(["'])(.*?)\1\s*(?:[#;].*)?$/.exec(text);
  if (quoted) return quoted[2] ?? '';
  return text.replace(/(?:^|\s+)[#;].*$/, '').trim();
}

/** The profile file that environment and home directory name; an absent one is no error. */
export async function readProfiles(env: NodeJS.ProcessEnv, homeDirectory: string): Promise<ProfileFile> {
  const named = env['DATABRICKS_CONFIG_FILE']?.trim();
  const path = named ? named.replace(/^~(?=\/|$)/, homeDirectory) : join(homeDirectory, '.databrickscfg');
  const label = path.startsWith(`${homeDirectory}/`) ? `~${path.slice(homeDirectory.length)}` : path;
  try {
    const [text, { mode }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    return {
      path,
      label,
      exists: true,
      sections: parseProfiles(text),
      readableByOthers: (mode & 0o044) !== 0,
    };
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return { path, label, exists: false, sections: new Map(), readableByOthers: false };
    }
    const isRefused = systemCode(error) === 'EACCES';
    throw new AirError('UNAUTHENTICATED', `${label} cannot be read: ${messageOf(error)}.`, {
      hint: isRefused
        ? `Make it readable for you: chmod 600 ${shellWord(path)}`
        : 'Name a file of profiles: export DATABRICKS_CONFIG_FILE=~/.databrickscfg',
      cause: error,
    });
  }
}
