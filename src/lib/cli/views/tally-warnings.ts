import type { Tally } from '../../runs/list/index.js';
import type { Target } from '../../workspace/target.js';
import { targetFlags } from '../../workspace/target-flags.js';
import type { Warning } from '../envelope.js';

/** What a listing of `target` left out, and what to do about it. */
export function tallyWarnings({ dropped, truncated, inspected }: Tally, target: Target): Warning[] {
  const warnings: Warning[] = [];
  if (dropped > 0) {
    const runs = dropped === 1 ? '1 run is' : `${dropped} runs are`;
    warnings.push({ message: `${runs} left out: gone from the workspace, or not yours to see.` });
  }
  if (truncated) {
    warnings.push({
      message: `The search ended after ${inspected} runs; older ones were not looked at.`,
      hint: `Leave out --all-users, or narrow it: air list --all-status --filter user=NAME${targetFlags(target)}`,
    });
  }
  return warnings;
}
