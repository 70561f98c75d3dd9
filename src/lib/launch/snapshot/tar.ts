import { AirError } from '../../errors.js';

const blockBytes = 512;
const longestField = 100;
/** The largest number of 11 octal digits: 8 GiB less one. */
const largestField = 0o77777777777;
/** 2000-01-01: the same for every file, so that times make no difference between two archives. */
const modified = 946_684_800;

const typeFlags = { file: '0', link: '2', directory: '5', pax: 'x' } as const;

export interface TarEntry {
  /** With `/`; a directory's ends in one. */
  readonly path: string;
  readonly type: 'file' | 'link' | 'directory';
  readonly mode: number;
  readonly bytes: number;
  /** Of a symbolic link. */
  readonly target?: string;
}

/** The end of an archive. */
export const tarEnd = Buffer.alloc(2 * blockBytes);

/** The header blocks of an entry (POSIX ustar; pax records for what does not fit): nothing in them is left to chance. */
export function tarHeader(entry: TarEntry): Buffer {
  assertInside(entry.path);
  const { path, target = '', bytes } = entry;
  const records =
    record('path', path, Buffer.byteLength(path) > longestField) +
    record('linkpath', target, Buffer.byteLength(target) > longestField) +
    record('size', String(bytes), bytes > largestField);
  const header = block(typeFlags[entry.type], path, entry.mode, bytes, target);
  if (records === '') return header;
  const body = Buffer.from(records);
  const extension = block(typeFlags.pax, '././@PaxHeader', 0o644, body.length, '');
  return Buffer.concat([extension, body, padding(body.length), header]);
}

/** The zeros between the end of a content and the next block. */
export function padding(bytes: number): Buffer {
  return tarEnd.subarray(0, (blockBytes - (bytes % blockBytes)) % blockBytes);
}

/** A path with a NUL, or with a part that is empty, `.` or `..`; a closing slash is fine. */
const outside = /\0|^$|(?:^|\/)(?:\.{1,2}(?:\/|$)|\/)/;

/** An archive never names what lies outside the folder it is unpacked into. */
function assertInside(path: string): void {
  if (!outside.test(path)) return;
  throw new AirError('INTERNAL_ERROR', `The entry ${JSON.stringify(path)} would leave the archive's folder.`);
}

/** What all headers have in common; their checksum counts itself as eight spaces. */
const blank = Buffer.alloc(blockBytes);
for (const [text, offset] of [
  ['0000000', 108],
  ['0000000', 116],
  [modified.toString(8).padStart(11, '0'), 136],
  ['        ', 148],
  ['ustar\x0000', 257],
] as const) {
  blank.write(text, offset, 'latin1');
}

function block(type: string, path: string, mode: number, bytes: number, target: string): Buffer {
  const header = Buffer.from(blank);
  const octal = (value: number, offset: number, digits: number) =>
    header.write(value.toString(8).padStart(digits, '0'), offset, 'latin1');
  header.write(path, 0, longestField);
  octal(mode, 100, 7);
  octal(Math.min(bytes, largestField), 124, 11);
  header.write(type, 156, 'latin1');
  if (target !== '') header.write(target, 157, longestField);
  let sum = 0;
  for (let at = 0; at < blockBytes; at++) sum += header[at] ?? 0;
  octal(sum, 148, 6);
  header[154] = 0;
  return header;
}

/** A pax record, `LENGTH KEY=VALUE\n`, whose length counts its own digits. */
function record(key: string, value: string, needed: boolean): string {
  if (!needed) return '';
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  let length = bytes + String(bytes).length;
  if (String(length).length > String(bytes).length) length = bytes + String(length).length;
  return `${length}${rest}`;
}
