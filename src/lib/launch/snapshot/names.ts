import { isUtf8 } from 'node:buffer';
import { posix } from 'node:path';
import { AirError } from '../../errors.js';
import { shellWord } from '../../shell-word.js';

const namesShown = 3;

/**
 * The records that git ends with a NUL each, as text. `nameOf` finds the name in a record.
 * @throws AirError for names that are no UTF-8: archives could not carry them unharmed.
 */
export function decodeRecords(
  bytes: Buffer,
  directory: string,
  nameOf: (record: Buffer) => Buffer = (record) => record,
): string[] {
  if (!isUtf8(bytes)) throw oddNames(recordsOf(bytes).map(nameOf), directory);
  const records = bytes.toString('utf8').split('\0');
  records.pop();
  return records;
}

/** The error for those of a folder's names that are no UTF-8; they are relative to it. */
export function oddNames(names: readonly Buffer[], directory: string): AirError {
  const odd = names.filter((name) => !isUtf8(name));
  const [first = Buffer.from('')] = odd;
  const shown = odd.slice(0, namesShown).map(escaped).join(', ');
  const more = odd.length > namesShown ? `, and ${odd.length - namesShown} more` : '';
  const what = odd.length === 1 ? 'This file name is' : `${odd.length} file names are`;
  return new AirError('INVALID_CONFIG', `${what} not valid UTF-8 in ${directory}: ${shown}${more}.`, {
    hint: `Rename ${odd.length === 1 ? 'it' : 'them'}: ${renaming(directory, first)}`,
  });
}

/** Bytes as the shell's `$'...'` writes them, without the quotes around. */
export function escaped(bytes: Buffer): string {
  return bytes
    .toString('latin1')
    .replace(/['\\]/g, '\\$&')
    .replace(/[^ -~]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** A command that gives a file a readable name, and overwrites nothing. */
function renaming(directory: string, name: Buffer): string {
  const readable = name.toString('utf8').replaceAll('\ufffd', '_');
  return `mv -n -- $'${escaped(Buffer.concat([Buffer.from(`${directory}/`), name]))}' ${shellWord(posix.join(directory, readable))}`;
}

function recordsOf(bytes: Buffer): Buffer[] {
  const records: Buffer[] = [];
  let start = 0;
  for (let end = bytes.indexOf(0); end >= 0; end = bytes.indexOf(0, start)) {
    records.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return records;
}
