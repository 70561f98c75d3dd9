/** The test kit for plugins: commands in process, in a scratch folder with a local workspace of its own. */
export {
  scratchAir,
  type CommandResult,
  type ScratchAir,
  type ScratchOptions,
} from './lib/cli/plugins/scratch.js';
