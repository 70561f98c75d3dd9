import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AirError, systemCode } from '../errors.js';
import { makeFolder } from '../folder.js';
import { shellWord } from '../shell-word.js';

/** A commented workload file that is valid as it stands and runs anywhere; it names nothing of this machine. */
export const starterText = `# One training run. Every field: air run -h config
# Check this file with "air config check FILE", start it with "air run -f FILE".
# For an editor that checks it as you type: air config schema -h

# Name of the MLflow experiment, and of the run.
experiment_name: my-experiment

compute:
  # "air gpus" lists the types. One node of GPU_8xH100 has eight GPUs.
  accelerator_type: GPU_1xA10
  # GPUs in total, over all nodes.
  num_accelerators: 1

# Runs once on every node.
command: |
  set -euo pipefail
  echo "node $NODE_RANK of $NUM_NODES"

# A folder of this machine that travels with the run; it is at $CODE_SOURCE_PATH there.
# code_source:
#   root_path: .

# What is installed before the command starts: a list of pip lines, or a requirements file.
# environment:
#   dependencies:
#     - transformers

# env_variables:
#   NCCL_DEBUG: WARN

# Filled in from the workspace's secret store: NAME: scope/key.
# secrets:
#   HF_TOKEN: my-scope/hf-token

# Read by the program from the YAML file at $HYPERPARAMETERS_PATH.
# parameters:
#   learning_rate: 0.0001

# max_retries: 3
# timeout_minutes: 120
`;

/**
 * Writes a starter file.
 * @throws AirError CONFLICT when the file is there and `overwrite` is not set.
 */
export async function writeStarter(file: string, options: { overwrite: boolean }): Promise<void> {
  try {
    makeFolder(dirname(file));
  } catch (error) {
    throw unwritable(file, error);
  }
  try {
    await writeFile(file, starterText, { flag: options.overwrite ? 'w' : 'wx' });
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw unwritable(file, error);
    throw new AirError('CONFLICT', `${file} is already there and was left as it is.`, {
      hint: `To overwrite it, type: air config init ${shellWord(file)} --force`,
      cause: error,
    });
  }
}

function unwritable(file: string, error: unknown): unknown {
  const reasons: Record<string, string> = {
    EEXIST: 'a part of the path is a file',
    ENOTDIR: 'a part of the path is a file',
    EISDIR: 'it is a folder',
    ENOENT: 'no folder can be made there',
    EROFS: 'nothing can be written there',
  };
  const reason = reasons[systemCode(error) ?? ''];
  if (reason === undefined) return error;
  return new AirError('INVALID_ARGS', `${file} cannot be written: ${reason}.`, { cause: error });
}
