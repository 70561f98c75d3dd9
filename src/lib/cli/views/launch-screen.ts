import type { TextOutput } from '../../io.js';
import type { LaunchPlan } from '../../launch/plan.js';
import type { LaunchProgress } from '../../launch/submit.js';
import { describeTarget, type Target } from '../../workspace/target.js';
import type { RegistrationStep } from '../../images/index.js';
import type { Warning } from '../envelope.js';
import { LogSpinner } from '../terminal/log-spinner.js';
import { paragraph } from '../terminal/paragraph.js';
import { renderBytes } from '../../size.js';
import { imageProgress } from './image-progress.js';

/** What a launch shows on stderr while it is under way: a few lasting lines, and a spinner on a terminal. */
export class LaunchScreen implements LaunchProgress {
  private readonly spinner: LogSpinner;
  private archiveBytes = 0;

  constructor(
    private readonly output: TextOutput,
    private readonly target: Target,
    private readonly plan: LaunchPlan,
    private readonly options: { silent: boolean; warn: (warning: Warning) => void },
  ) {
    this.spinner = new LogSpinner(output);
    this.image = imageProgress(output, this.spinner, options);
  }

  readonly image: (step: RegistrationStep) => void;

  readonly identified = (userName: string): void => {
    this.line(`Submitting ${this.plan.config.experiment_name} to ${describeTarget(this.target, userName)}.`);
  };

  readonly resuming = (since: number): void => {
    const time = new Date(since);
    const clock = [time.getHours(), time.getMinutes()].map((part) => String(part).padStart(2, '0')).join(':');
    this.line(`Resuming the submission of ${clock}.`);
  };

  readonly step = (words: string): void => {
    if (!this.options.silent) this.spinner.show(`${words}...`);
  };

  readonly packing = ({ files, bytes }: { files: number; bytes: number }): void => {
    this.step(
      `Packing the code: ${files} of ${this.plan.snapshot?.files ?? files} files, ${renderBytes(bytes)}`,
    );
  };

  readonly uploading = (name: string, bytes: number): void => {
    this.line(`Uploading ${name}: ${this.code()} packed into ${renderBytes(bytes)}.`);
    this.archiveBytes = bytes;
  };

  readonly uploaded = (bytes: number): void => {
    this.step(`Uploading the code: ${renderBytes(bytes)} of ${renderBytes(this.archiveBytes)}`);
  };

  readonly uploadedBefore = (name: string): void => {
    this.line(`The workspace already has ${name}: ${this.code()}.`);
  };

  close(): void {
    this.spinner.clear();
  }

  private code(): string {
    const { files, bytes } = this.plan.snapshot ?? { files: 0, bytes: 0 };
    return `${files} ${files === 1 ? 'file' : 'files'}, ${renderBytes(bytes)}`;
  }

  private line(text: string): void {
    if (this.options.silent) return;
    this.spinner.clear();
    this.output.write(paragraph(text, '', this.output.columns));
  }
}
