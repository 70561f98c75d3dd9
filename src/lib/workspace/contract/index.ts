/**
 * The REST contract of a workspace, as the client and the local workspace both see it.
 * Fields that an answer may lack are optional: every reader must live without them.
 */
export * from './jobs.js';
export * from './training.js';
export * from './mlflow.js';
export * from './platform.js';
export * from './paths.js';
export { idText, type WireInteger } from './integer.js';
