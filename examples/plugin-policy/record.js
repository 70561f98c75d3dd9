import { appendFile } from 'node:fs/promises';

/** Adds a line to the file that POLICY_RECORD names; without it nothing is recorded. */
export async function record(entry) {
  const file = process.env.POLICY_RECORD;
  if (file) await appendFile(file, `${JSON.stringify(entry)}\n`);
}
