import { AirCommand, acceleratorTypes } from '@air-cli/air/plugin';
import { policy } from '../../policy.js';

export default class PolicyShow extends AirCommand {
  static summary = 'show the rules of this house for training runs';
  static examples = ['<%= config.bin %> policy show', '<%= config.bin %> policy show --output json'];
  static reach = 'machine';

  async work() {
    await this.parse(PolicyShow);
    const data = {
      most_gpus: policy.mostGpus,
      max_retries: policy.maxRetries,
      experiment_name: policy.experimentName.source,
      most_nodes: Object.fromEntries(
        acceleratorTypes.map(({ name, gpusPerNode }) => [name, Math.floor(policy.mostGpus / gpusPerNode)]),
      ),
    };
    const nodes = Object.entries(data.most_nodes).map(([type, count]) => `  ${type}: ${count} nodes\n`);
    return {
      data,
      text: () =>
        `At most ${data.most_gpus} GPUs for one run:\n${nodes.join('')}` +
        `Retries, where a file does not say: ${data.max_retries}\n` +
        `Names of experiments: ${data.experiment_name}\n`,
    };
  }
}
