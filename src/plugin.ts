/**
 * What plugins may build on. Everything exported here follows semantic versioning; docs/plugins.md says how.
 */
export { AirCommand, Args, Flags, type Outcome } from './lib/cli/command.js';
export type { Envelope, ErrorBody, Warning } from './lib/cli/envelope.js';
export { parseDuration, runIdArg } from './lib/cli/flags.js';
export type {
  AirHook,
  AirHooks,
  ConfigAnswer,
  ConfigEvent,
  FinishedEvent,
  PlanAnswer,
  PlanEvent,
  PlanNote,
  SubmittedEvent,
} from './lib/cli/plugins/events.js';
export type { PlanData } from './lib/cli/views/plan.js';
export { acceleratorTypes, findAccelerator, type AcceleratorType } from './lib/compute/accelerators.js';
export type { PluginProblem, WorkloadConfig, WorkloadDraft } from './lib/config/types.js';
export {
  AirError,
  errorCodes,
  exitCodes,
  type AirErrorOptions,
  type Diagnostic,
  type ErrorCode,
  type ErrorKind,
} from './lib/errors.js';
export type { Context } from './lib/io.js';
export type { Identity, Run, Workspace } from './lib/workspace/index.js';
