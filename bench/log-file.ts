/** Logs of any size, written straight into a workspace: a process would take minutes for gigabytes. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { indexEntry, indexOf, indexSpacing, recordHeader } from '../src/lib/local/supervisor/log-format.js';

/** Replaces a node's log by one of about so many bytes of lines, one a microsecond up to now. */
export function fillLog(logFile: string, bytes: number): void {
  const body = Buffer.from(`step 12345678 loss=0.123456 ${'x'.repeat(67)}`);
  const record = recordHeader + body.length;
  const records = Math.floor(indexSpacing / record);
  const block = Buffer.alloc(records * record);
  for (let at = 0; at < block.length; at += record) {
    block.writeUInt32LE(body.length, at);
    body.copy(block, at + recordHeader);
  }
  const blocks = Math.max(1, Math.round(bytes / block.length));
  const index = Buffer.alloc(blocks * indexEntry);
  let time = BigInt(Date.now() * 1000 - blocks * records) * 1000n;
  const log = openSync(logFile, 'w');
  for (let number = 0; number < blocks; number++) {
    index.writeBigUInt64LE(BigInt(number * block.length), number * indexEntry);
    index.writeBigUInt64LE(time, number * indexEntry + 8);
    for (let at = 0; at < block.length; at += record, time += 1000n) block.writeBigUInt64LE(time, at + 4);
    writeSync(log, block);
  }
  closeSync(log);
  const entries = openSync(indexOf(logFile), 'w');
  writeSync(entries, index);
  closeSync(entries);
}
