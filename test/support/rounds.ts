import type { Answer, Handler, RecordedRequest, Script, Scripts } from './scripted-workspace.js';

/** Counts how deep requests wait for each other. */
export interface Rounds {
  /** The same routes; their answers are held back until nothing more is asked beside them. */
  readonly scripts: Scripts;
  /** How often a group of requests, all waiting at once, was answered: the depth in round trips. */
  readonly depth: number;
}

const quietTime = 60;
/** A timer later than this says that the process had no time to send what it has to send. */
const tolerance = 15;

/**
 * Wraps scripts so that an answer leaves only when no further request has come for a moment. Requests that do
 * not need each other's answers then fall into one round, whatever the speed of the machine.
 */
export function countRounds(scripts: Scripts): Rounds {
  let depth = 0;
  let held: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;

  function hold(): Promise<void> {
    waitForQuiet();
    return new Promise((resolve) => held.push(resolve));
  }

  function waitForQuiet(): void {
    clearTimeout(timer);
    const begun = performance.now();
    timer = setTimeout(() => {
      if (performance.now() - begun > quietTime + tolerance) waitForQuiet();
      else release();
    }, quietTime);
  }

  function release(): void {
    depth++;
    const group = held;
    held = [];
    for (const resolve of group) resolve();
  }

  function wrap(script: Script): Script {
    return async (request: RecordedRequest, call: number): Promise<Answer> => {
      await hold();
      return stepOf(script, request, call);
    };
  }

  return {
    scripts: Object.fromEntries(Object.entries(scripts).map(([route, script]) => [route, wrap(script)])),
    get depth() {
      return depth;
    },
  };
}

function stepOf(script: Script, request: RecordedRequest, call: number): Answer | Promise<Answer> {
  const steps = (Array.isArray(script) ? script : [script]) as readonly (Answer | Handler)[];
  const step = steps[Math.min(call, steps.length) - 1];
  return typeof step === 'function' ? step(request, call) : (step ?? {});
}
