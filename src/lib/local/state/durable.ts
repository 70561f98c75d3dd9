import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { systemCode } from '../../errors.js';

let counter = 0;

/** Replaces a file as a whole, readable by its owner alone: a reader sees the old text or the new one. */
export function replaceFile(file: string, text: string): void {
  const draft = `${file}.${process.pid}.${counter++}`;
  try {
    writeDurably(draft, text);
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

function writeDurably(file: string, text: string): void {
  const bytes = Buffer.from(text);
  const handle = openSync(file, 'w', 0o600);
  try {
    for (let written = 0; written < bytes.length;) written += writeSync(handle, bytes, written);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** The text of a file; undefined when there is none. */
export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  }
}

/** A JSON file; undefined when there is none or when it is not JSON. */
export function readJsonIfThere<T>(file: string): T | undefined {
  const text = readIfThere(file);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}
