import type { Interfaces } from '@oclif/core';
import { AirError, Interrupted } from '../../errors.js';
import type { Amendment, WorkloadDraft } from '../../config/types.js';
import type { Warning } from '../envelope.js';
import { pluginFault } from '../report.js';
import { configAnswer, planAnswer } from './answers.js';
import type { AirHooks, FinishedEvent, PlanEvent, PlanNote, SubmittedEvent } from './events.js';

/** Milliseconds that a plugin has for its answer. */
const timeLimits: Readonly<Record<keyof AirHooks, number>> = {
  'air:config': 10_000,
  'air:plan': 10_000,
  'air:submitted': 5_000,
  'air:finished': 5_000,
};

interface Reply {
  readonly plugin: string;
  readonly answer?: unknown;
  readonly error?: Error;
}

type Told<Event> = Omit<Event, 'signal'>;

/** The plugins' part in a launch. Without a plugin that listens, every call answers at once. */
export class LaunchHooks {
  constructor(
    private readonly config: Interfaces.Config,
    private readonly options: {
      readonly signal: AbortSignal;
      readonly warn: (warning: Warning) => void;
      /** Replaces the time limits, in milliseconds. */
      readonly timeLimit?: number;
    },
  ) {}

  /**
   * What plugins change in a workload or object to, in the order of their names.
   * @throws AirError naming the plugin whose hook fails.
   */
  async amend(file: string, workload: WorkloadDraft): Promise<Amendment[]> {
    const replies = await this.ask('air:config', () => ({ file, workload }));
    return replies.map(({ plugin, answer }) => ({ plugin, ...checked(plugin, () => configAnswer(answer)) }));
  }

  /**
   * The plugins' notes on a plan, worked out only when one listens.
   * @throws AirError PERMISSION_DENIED when plugins refuse the run; another one naming the plugin whose hook fails.
   */
  async review(event: () => Told<PlanEvent>): Promise<PlanNote[]> {
    const replies = await this.ask('air:plan', event);
    const answers = replies.map(({ plugin, answer }) => ({
      plugin,
      ...checked(plugin, () => planAnswer(answer)),
    }));
    const refusals = answers.filter(({ refusal }) => refusal !== undefined);
    if (refusals.length > 0) {
      const reasons = refusals.map(
        ({ plugin, refusal }) => `The plugin ${plugin} refuses this run: ${refusal}`,
      );
      throw new AirError('PERMISSION_DENIED', reasons.join('\n'), { hint: 'Nothing was submitted.' });
    }
    return answers.flatMap(({ plugin, notes }) => notes.map((message) => ({ plugin, message })));
  }

  /** Tells plugins of a submitted run; what fails there is a warning. */
  async submitted(event: Told<SubmittedEvent>): Promise<void> {
    await this.notify('air:submitted', event);
  }

  /** Tells plugins of a run's end; what fails there is a warning. */
  async finished(event: Told<FinishedEvent>): Promise<void> {
    await this.notify('air:finished', event);
  }

  private async notify(name: 'air:submitted' | 'air:finished', event: object): Promise<void> {
    let replies: Reply[];
    try {
      replies = await this.call(name, () => event);
    } catch (error) {
      if (error instanceof Interrupted) return;
      throw error;
    }
    for (const { plugin, error } of replies) {
      if (error === undefined) continue;
      this.options.warn({ message: `${failure(name, plugin, error).message} The run is not affected.` });
    }
  }

  private async ask(name: keyof AirHooks, event: () => object): Promise<Reply[]> {
    const replies = await this.call(name, event);
    for (const { plugin, error } of replies) if (error !== undefined) throw failure(name, plugin, error);
    return replies;
  }

  /** Runs a hook in all plugins side by side; the replies stand in the order of the plugins' names. */
  private async call(name: keyof AirHooks, event: () => object): Promise<Reply[]> {
    const listening = [...this.config.plugins.values()].some(
      (plugin) => (plugin.hooks[name] ?? []).length > 0,
    );
    if (!listening) return [];
    const limit = this.options.timeLimit ?? timeLimits[name];
    const over = new AbortController();
    const told = { ...frozen(event()), signal: AbortSignal.any([over.signal, this.options.signal]) };
    // oclif's own timer does not keep a process alive whose only work is a hook that never answers.
    const timer = setTimeout(() => over.abort(new Error(`No answer within ${limit} ms.`)), limit);
    try {
      const { successes, failures } = await orInterrupt(
        this.config.runHook(name, told, limit, true),
        this.options.signal,
      );
      const replies: Reply[] = [
        ...successes.map(({ plugin, result }) => ({ plugin: plugin.name, answer: result as unknown })),
        ...failures.map(({ plugin, error }) => ({ plugin: plugin.name, error })),
      ];
      return replies.sort((a, b) => (a.plugin < b.plugin ? -1 : a.plugin > b.plugin ? 1 : 0));
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A promise's result, unless the user interrupts first. */
async function orInterrupt<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let stop: () => void = () => undefined;
  const interrupted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([promise, interrupted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function failure(name: keyof AirHooks, plugin: string, error: Error): AirError {
  const where = `failed in its ${name} hook`;
  if (!(error instanceof AirError)) return pluginFault(error, plugin, where);
  const { code, kind, hint, details, exitCode } = error;
  return new AirError(code, `The plugin ${plugin} ${where}: ${error.message}`, {
    kind,
    exitCode,
    cause: error,
    ...(hint === undefined ? {} : { hint }),
    ...(details === undefined ? {} : { details }),
  });
}

function checked<Answer>(plugin: string, read: () => Answer): Answer {
  try {
    return read();
  } catch (error) {
    throw pluginFault(error, plugin, 'gave an answer that cannot be used');
  }
}

/** A copy that nobody can change, so that plugins that run side by side cannot meet in it. */
function frozen<T extends object>(value: T): T {
  return freeze(structuredClone(value));
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const each of Object.values(value)) freeze(each);
  return Object.freeze(value);
}
