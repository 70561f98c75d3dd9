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

/** An archive never names what lies outside the folder it is unpacked into. */
function assertInside(path: string): void {
  const parts = path.replace(/\/$/, '').split('/');
  if (!path.includes('\0') && parts.every((part) => part !== '' && part !== '.' && part !== '..')) return;
  throw new AirError('INTERNAL_ERROR', `The entry ${JSON.stringify(path)} would leave the archive's folder.`);
}

function block(type: string, path: string, mode: number, bytes: number, target: string): Buffer {
  const header = Buffer.alloc(blockBytes);
  const text = (value: string, offset: number) => header.write(value, offset, longestField);
  const octal = (value: number, offset: number, digits: number) =>
    header.write(value.toString(8).padStart(digits, '0'), offset, 'latin1');
  text(path, 0);
  octal(mode, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(Math.min(bytes, largestField), 124, 11);
  octal(modified, 136, 11);
  header.write('        ', 148, 'latin1');
  header.write(type, 156, 'latin1');
  text(target, 157);
  header.write('ustar\x0000', 257, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
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
