import type { RegistrationStep } from '../../images/index.js';
import type { TextOutput } from '../../io.js';
import type { Warning } from '../envelope.js';
import { waitingText } from './image-text.js';
import type { LogSpinner } from '../terminal/log-spinner.js';

/**
 * Shows what goes on with an image: on a terminal a spinner that counts the time, in a pipe a line for each state.
 * Silent, it passes on warnings alone.
 */
export function imageProgress(
  output: TextOutput,
  spinner: LogSpinner,
  options: { silent: boolean; warn: (warning: Warning) => void },
): (step: RegistrationStep) => void {
  let lastState: string | undefined;

  function show(step: Exclude<RegistrationStep, { step: 'anonymous-retry' }>): void {
    if (step.step === 'storing-login') {
      spinner.clear();
      output.write(`Storing the login of ${step.username} at ${step.registry} as your secret.\n`);
    } else if (output.isTTY) {
      spinner.show(waitingText(step));
    } else {
      if (step.state !== lastState) output.write(`${waitingText(step)}\n`);
      lastState = step.state;
    }
  }

  return (step) => {
    if (step.step === 'anonymous-retry') {
      spinner.clear();
      options.warn({
        message: `The registry did not take the login of this machine (${step.reason}): trying without it.`,
      });
    } else if (!options.silent) show(step);
  };
}
