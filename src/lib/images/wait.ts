import { AirError } from '../errors.js';
import type { Context } from '../io.js';
import type { ImageRegistration, RequestOptions, SecretAddress, Workspace } from '../workspace/index.js';
import { noRegistry, registerCommand } from './failures.js';
import type { ImageReference } from './reference.js';

export interface WaitOptions {
  /** Milliseconds until the image must be available. */
  timeout: number;
  /** The secret to name in the command that waits again. */
  secret?: SecretAddress | undefined;
  report?: (step: WaitingStep) => void;
}

/** Still not there: in which state, and after how many seconds. */
export interface WaitingStep {
  step: 'waiting';
  state: string;
  seconds: number;
}

const firstWait = 1_000;
const longestWait = 15_000;
/** Milliseconds without an answer that are nothing to a wait of many minutes. */
const patience = 120_000;

/** Asks until the image is there: seldom at the end of a long wait, often at its beginning. */
export async function waitUntilAvailable(
  workspace: Workspace,
  context: Context,
  image: ImageReference,
  first: ImageRegistration,
  options: WaitOptions,
): Promise<ImageRegistration> {
  const again = registerCommand(workspace, image, options.secret);
  const started = context.clock.now();
  let registration = first;
  for (let wait = firstWait; registration.state !== 'AVAILABLE'; wait = Math.min(wait * 1.5, longestWait)) {
    if (registration.state === 'FAILED') throw importFailed(image, registration.status_message, again);
    const spent = context.clock.now() - started;
    if (spent >= options.timeout) {
      throw new AirError(
        'REGISTRATION_FAILED',
        `${image.given} was not available after ${Math.round(options.timeout / 60_000)} min; it goes on in the workspace (state ${registration.state ?? 'PENDING'}).`,
        { kind: 'TRANSIENT', hint: `Wait for it again: ${again}` },
      );
    }
    options.report?.({
      step: 'waiting',
      state: registration.state ?? 'PENDING',
      seconds: Math.round(spent / 1000),
    });
    await context.clock.sleep(Math.min(wait, options.timeout - spent), context.signal);
    const next = await getRegistration(workspace, image, { budget: Math.min(patience, options.timeout) });
    if (next === null) {
      const message = `The registration of ${image.given} is gone: someone deleted it.`;
      throw new AirError('REGISTRATION_FAILED', message, { hint: `Register it again: ${again}` });
    }
    registration = next;
  }
  return registration;
}

function importFailed(image: ImageReference, reason: string | undefined, again: string): AirError {
  const said = reason?.trim() || 'the workspace gives no reason';
  return new AirError(
    'REGISTRATION_FAILED',
    `${image.given} could not be registered: ${said.replace(/\.?$/, '.')}`,
    { hint: `Check that the image can be pulled (docker pull ${image.given}), then: ${again}` },
  );
}

/** The registration of an image; null when nobody registered it. Throws what the workspace says of itself. */
export async function getRegistration(
  workspace: Workspace,
  image: ImageReference,
  request: RequestOptions = {},
): Promise<ImageRegistration | null> {
  try {
    return await workspace.images.get(image.url, request);
  } catch (error) {
    throw error instanceof AirError && error.code === 'FEATURE_DISABLED'
      ? noRegistry(error, workspace)
      : error;
  }
}
