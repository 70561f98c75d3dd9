import { displayName } from '../../compute/accelerators.js';
import type { LaunchPlan } from '../../launch/plan.js';
import { submitRequest } from '../../launch/payload.js';
import type { SubmitRequest } from '../../workspace/contract/index.js';
import { renderBytes } from '../../size.js';

/** Paths of the largest files that a plan names. */
const largestShown = 5;

/** What a submission would do, as JSON shows it. Absent parts are null. */
export interface PlanData {
  experiment_name: string;
  accelerator_type: string;
  num_accelerators: number;
  nodes: number;
  gpus_per_node: number;
  max_retries: number;
  timeout_minutes: number | null;
  files: { name: string; bytes: number }[];
  code: {
    mode: string;
    root_path: string;
    archive: string;
    files: number;
    bytes: number;
    largest: { path: string; bytes: number }[];
  } | null;
  /** The body of the submission; what only the workspace can say stands in angle brackets. */
  payload: SubmitRequest;
}

export function planData(plan: LaunchPlan, token: string | undefined): PlanData {
  const { config, snapshot } = plan;
  const places = {
    folder: `<launch folder>`,
    code: snapshot === null ? null : `<code folder>/${snapshot.name}`,
  };
  const policy =
    config.usage_policy_id ?? (config.usage_policy_name && `<id of ${config.usage_policy_name}>`);
  return {
    experiment_name: config.experiment_name,
    accelerator_type: config.compute.accelerator_type,
    num_accelerators: config.compute.num_accelerators,
    nodes: plan.nodes,
    gpus_per_node: plan.gpusPerNode,
    max_retries: plan.maxRetries,
    timeout_minutes: config.timeout_minutes ?? null,
    files: plan.files.map(({ name, content }) => ({ name, bytes: Buffer.byteLength(content) })),
    code: snapshot && {
      mode: snapshot.mode,
      root_path: snapshot.root,
      archive: snapshot.name,
      files: snapshot.files,
      bytes: snapshot.bytes,
      largest: snapshot.largest.slice(0, largestShown),
    },
    payload: submitRequest(plan, places, { token: token ?? '<random token>', policyId: policy }),
  };
}

/** The plan for people. `uncommitted`: the shipped working tree has changes that no commit holds. */
export function renderPlan(data: PlanData, uncommitted: boolean): string {
  const gpus = `${data.num_accelerators}x ${displayName(data.accelerator_type)} (${data.accelerator_type})`;
  const nodes = data.nodes === 1 ? '1 node' : `${data.nodes} nodes`;
  const rows: [string, string][] = [
    ['Experiment', data.experiment_name],
    ['Compute', `${gpus} on ${nodes}, ${data.gpus_per_node} per node`],
    ['Environment', environmentText(data.payload)],
    ['Retries', `up to ${data.max_retries}`],
    ['Timeout', data.timeout_minutes === null ? 'none' : `${data.timeout_minutes} minutes per attempt`],
    ...data.files.map(({ name, bytes }, index): [string, string] => [
      index === 0 ? 'Files' : '',
      `${name}  ${renderBytes(bytes)}`,
    ]),
    ...codeRows(data.code, uncommitted),
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  const lines = rows.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`);
  return `The configuration is valid. Nothing was sent; a submission would be:\n\n${lines.join('\n')}\n`;
}

function environmentText({ environments }: SubmitRequest): string {
  const spec = environments[0]?.spec;
  const count = spec?.dependencies?.length ?? 0;
  const version = spec?.environment_version ?? spec?.base_environment ?? '';
  return count === 0 ? version : `${version}, ${count} ${count === 1 ? 'dependency' : 'dependencies'}`;
}

const modeWords: Readonly<Record<string, string>> = {
  working_tree: 'working tree',
  git_commit: 'git commit',
  git_branch: 'git branch',
};

function codeRows(code: PlanData['code'], uncommitted: boolean): [string, string][] {
  if (code === null) return [['Code', 'none']];
  const mode = modeWords[code.mode] ?? code.mode;
  return [
    ['Code', `${code.root_path} (${mode}${uncommitted ? ', with uncommitted changes' : ''})`],
    [
      '',
      `${code.files} ${code.files === 1 ? 'file' : 'files'}, ${renderBytes(code.bytes)}, as ${code.archive}`,
    ],
    ...code.largest.map(({ path, bytes }): [string, string] => ['', `  ${path}  ${renderBytes(bytes)}`]),
  ];
}
