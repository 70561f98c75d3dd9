import type { Context } from '../io.js';
import { nodeCountOf } from '../runs/nodes.js';
import { attemptNumber } from '../runs/status.js';
import { linksOf, verdictOf, type Verdict } from '../runs/verdict.js';
import type { Run, Workspace } from '../workspace/index.js';
import { isFatalLine } from './alerts.js';
import { AttemptLogs } from './attempt.js';
import { checkSelection } from './selection.js';
import { StoredLogs } from './stored/index.js';

export interface ReviewedLine {
  readonly line: string;
  /** It looks like the report of an error. */
  readonly marked: boolean;
}

/** The last lines of one node, oldest first. */
export interface ReviewedNode {
  readonly node: number;
  readonly lines: ReviewedLine[];
}

export interface ReviewOptions {
  readonly attempt: number | 'latest';
  readonly nodes: readonly number[] | null;
  readonly tail: number;
}

const nodesAtOnce = 8;
const errorWords = /error|failed|timeout|exception|traceback/i;

/** The last lines of every node side by side, to see at a glance which one failed first and how. */
export async function reviewRun(
  workspace: Workspace,
  runId: string,
  options: ReviewOptions,
  context: Context,
): Promise<{ run: Run; verdict: Verdict; nodes: ReviewedNode[] }> {
  const run = await workspace.jobs.get(runId);
  checkSelection(run, options);
  const links = linksOf(workspace, run, runId);
  const attempt = options.attempt === 'latest' ? attemptNumber(run) : options.attempt;
  const nodeCount = nodeCountOf(run);
  const wanted = options.nodes ?? Array.from({ length: nodeCount ?? 1 }, (_, node) => node);
  const reviewed: ReviewedNode[] = [];
  const queue = [...wanted];
  const worker = async () => {
    for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
      const stored = new StoredLogs(workspace, () => run, attempt, [node]);
      const scope = { runId, attempt, nodes: [node], nodeCount, since: null, until: null };
      const { lines } = await new AttemptLogs(workspace, scope, context, stored).tail(options.tail);
      reviewed.push({ node, lines: lines.map(({ body }) => ({ line: body, marked: looksWrong(body) })) });
    }
  };
  await Promise.all(Array.from({ length: Math.min(nodesAtOnce, wanted.length) }, worker));
  reviewed.sort((a, b) => a.node - b.node);
  return { run, verdict: verdictOf(run, runId, await links), nodes: reviewed };
}

function looksWrong(line: string): boolean {
  return errorWords.test(line) || isFatalLine(line);
}
