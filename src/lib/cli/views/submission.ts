import type { AppliedOverride } from '../../config/types.js';
import type { Launched } from '../../launch/submit.js';
import { dashboardUrl } from '../../runs/links.js';
import { targetFlags } from '../../workspace/target-flags.js';
import type { Target } from '../../workspace/target.js';
import { timestamp } from '../envelope.js';
import type { Style } from '../terminal/style.js';

export interface SubmissionData {
  status: 'PENDING';
  run_id: string;
  dashboard_url: string;
  /** Only when the run was there already. */
  existing?: true;
}

export function submissionData(host: string, { runId, workspaceId, existing }: Launched): SubmissionData {
  return {
    status: 'PENDING',
    run_id: runId,
    dashboard_url: dashboardUrl(host, runId, workspaceId),
    ...(existing ? { existing: true as const } : {}),
  };
}

/** The first event of a watched submission. */
export function submittedEvent(now: number, { run_id, dashboard_url, existing }: SubmissionData): object {
  return {
    type: 'SUBMITTED',
    ts: timestamp(now),
    run_id,
    dashboard_url,
    ...(existing ? { existing } : {}),
  };
}

export function renderSubmission(data: SubmissionData, style: Style): string {
  const news = data.existing ? `Already submitted as run ${data.run_id}.` : `Submitted run ${data.run_id}.`;
  return `${style.paint(news, 'green')}\nRun page: ${style.link(data.dashboard_url, data.dashboard_url)}\n`;
}

/** The next command, for the hint below a submission that is not watched. */
export function followHint({ run_id }: SubmissionData, target: Target): string {
  const follow = `Follow it: air logs ${run_id}${targetFlags(target)}`;
  // The pages of the workspace on this machine open by a link that this command makes.
  return target.local ? `${follow}\nOpen it:   air local open ${run_id}` : follow;
}

export function overrideLine({ path, from, to, plugin }: AppliedOverride): string {
  const giver = plugin === undefined ? 'Override' : `Override by ${plugin}`;
  return from === null ? `${giver}: ${path} set to ${to}` : `${giver}: ${path} changed from ${from} to ${to}`;
}
