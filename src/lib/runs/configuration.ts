import { posix } from 'node:path';
import { messageOf } from '../errors.js';
import type { LegacyGenAiTask, Run } from '../workspace/contract/index.js';
import type { Workspace } from '../workspace/index.js';
import { acceleratorsOf, experimentName, sweepTask, trainingTask } from './training.js';

/** The YAML a run was submitted with, and what went wrong on the way to it. */
export interface Configuration {
  /** Null when there is none to show. */
  readonly text: string | null;
  readonly warnings: readonly string[];
}

/**
 * Reads the uploaded `training_config.yaml` of a run. Runs of earlier generations carry theirs inline, or in a
 * file of another name, or only as two fields from which a short one is made. A sweep has none of its own.
 */
export async function readConfiguration(workspace: Workspace, run: Run): Promise<Configuration> {
  if (sweepTask(run)) return { text: null, warnings: [] };
  const task = trainingTask(run);
  const legacy = task?.gen_ai_compute_task;
  const commandPath = task?.ai_runtime_task?.deployments?.[0]?.command_path;
  const warnings: string[] = [];

  if (commandPath) {
    const text = await download(posix.join(posix.dirname(commandPath), 'training_config.yaml'));
    if (text) return { text, warnings };
  }
  if (legacy?.yaml_parameters) return { text: legacy.yaml_parameters, warnings };
  if (legacy?.yaml_parameters_file_path) {
    const text = await download(legacy.yaml_parameters_file_path);
    if (text) return { text, warnings };
  }
  return { text: legacy ? fromFields(legacy) : null, warnings };

  async function download(path: string): Promise<string | null> {
    try {
      return (await workspace.files.export(path)).toString('utf8');
    } catch (error) {
      warnings.push(`The run's configuration cannot be read from ${path}: ${messageOf(error)}`);
      return null;
    }
  }
}

function fromFields(legacy: LegacyGenAiTask): string | null {
  const task = { gen_ai_compute_task: legacy };
  const experiment = experimentName(task);
  const { type, count } = acceleratorsOf(task);
  const lines = [
    ...(experiment ? [`experiment_name: ${JSON.stringify(experiment)}`] : []),
    ...(type || count ? ['compute:'] : []),
    ...(type ? [`  accelerator_type: ${type}`] : []),
    ...(count ? [`  num_accelerators: ${count}`] : []),
  ];
  return lines.length === 0 ? null : `${lines.join('\n')}\n`;
}
