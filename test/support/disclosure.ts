import { readdirSync, readFileSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** A file that holds a secret, and who may read it. */
export interface Holder {
  /** Relative to the folder that was searched. */
  path: string;
  /** Permission bits. */
  mode: number;
  secret: string;
}

/** The forms in which a secret would give itself away. */
export function formsOf(secret: string): string[] {
  return [secret, Buffer.from(secret).toString('base64').replace(/=+$/, ''), encodeURIComponent(secret)];
}

/** Every file below a folder that holds one of the secrets, by its bytes. */
export async function holdersIn(folder: string, secrets: readonly string[]): Promise<Holder[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const holders: Holder[] = [];
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    for (const secret of secrets) {
      if (!formsOf(secret).some((form) => bytes.includes(form))) continue;
      holders.push({ path: relative(folder, path), mode: (await stat(path)).mode & 0o777, secret });
    }
  }
  return holders;
}

function holdsOne(text: string, secrets: readonly string[]): boolean {
  return secrets.some((secret) => formsOf(secret).some((form) => text.includes(form)));
}

/** Looks at the command lines of all processes again and again; on other systems than Linux it sees none. */
export class CommandLineWatch {
  readonly seen = new Set<string>();
  private readonly typed = new Set<string>();
  private readonly timer: NodeJS.Timeout;

  /** `except` are processes whose command line the test itself wrote. */
  constructor(
    private readonly secrets: readonly string[],
    private readonly except: ReadonlySet<number | undefined>,
  ) {
    this.timer = setInterval(() => this.look(), 20);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    if (process.platform !== 'linux') return;
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      try {
        const line = readFileSync(`/proc/${name}/cmdline`, 'utf8');
        // A child that has not yet begun its own program shows its parent's line.
        if (this.except.has(Number(name))) this.typed.add(line);
        else if (!this.typed.has(line) && holdsOne(line, this.secrets)) {
          this.seen.add(line.replaceAll('\0', ' '));
        }
      } catch {
        // It ended meanwhile.
      }
    }
  }
}
