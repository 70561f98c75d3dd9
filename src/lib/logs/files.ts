import type { LogLine } from './line.js';

/** Lines as they are stored with a run, file by file, beside the log service. */
export interface StoredLogs {
  /** What was added since the last step; `ended` releases a last line without a line end. */
  step(ended: boolean): Promise<{ lines: LogLine[]; more: boolean }>;
}

/** A run without stored files. */
export const noStoredLogs: StoredLogs = { step: () => Promise.resolve({ lines: [], more: false }) };
