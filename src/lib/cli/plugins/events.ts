import type { PluginProblem, WorkloadDraft } from '../../config/types.js';
import type { PlanData } from '../views/plan.js';

/** What every hook is told. The data is frozen: a hook answers, it does not change what it is given. */
interface AirEvent {
  /** Aborted when the time for the answer is over, or the user interrupts. */
  readonly signal: AbortSignal;
}

/** `air:config`: a workload file has been read and the user's overrides are applied; nothing is checked yet. */
export interface ConfigEvent extends AirEvent {
  /** The file as the user typed it. */
  readonly file: string;
  readonly workload: WorkloadDraft;
}

/** What an `air:config` hook may answer. */
export interface ConfigAnswer {
  /** `PATH=VALUE`, as after `--override`: applied after the user's, plugins in the order of their names. */
  readonly overrides?: readonly string[];
  /** Problems of the file: they stop the command, together with the file's other problems. */
  readonly problems?: readonly PluginProblem[];
}

/** `air:plan`: everything a submission would do is worked out; nothing has been sent. */
export interface PlanEvent extends AirEvent {
  readonly plan: PlanData;
  /** Whether the workspace on this machine was asked for. */
  readonly local: boolean;
  readonly dryRun: boolean;
}

/** What an `air:plan` hook may answer. */
export interface PlanAnswer {
  /** Why the run may not be submitted. */
  readonly refusal?: string;
  /** Lines for the user, shown with the plan or before the submission. */
  readonly notes?: readonly string[];
}

/** `air:submitted`: the workspace has taken the run. */
export interface SubmittedEvent extends AirEvent {
  readonly run_id: string;
  readonly experiment_name: string;
  readonly dashboard_url: string;
  /** The workspace's address. */
  readonly host: string;
  readonly local: boolean;
  /** True when the run had been submitted before. */
  readonly existing: boolean;
}

/** `air:finished`: a watched run has reached its end, as the workspace says it. */
export interface FinishedEvent extends SubmittedEvent {
  readonly status: string;
  readonly termination_reason: string | null;
}

/** A note that a plugin puts beside a plan. */
export interface PlanNote {
  readonly plugin: string;
  readonly message: string;
}

/** A hook's name, what it is told and what it may answer. */
export interface AirHooks {
  'air:config': { event: ConfigEvent; answer: ConfigAnswer };
  'air:plan': { event: PlanEvent; answer: PlanAnswer };
  'air:submitted': { event: SubmittedEvent; answer: unknown };
  'air:finished': { event: FinishedEvent; answer: unknown };
}

/** A hook as a plugin's module exports it. */
export type AirHook<Name extends keyof AirHooks> = (
  event: AirHooks[Name]['event'],
) => Promise<AirHooks[Name]['answer'] | undefined> | AirHooks[Name]['answer'] | undefined;
