import { policy } from '../policy.js';

/**
 * A default for what the file leaves open, and the rule for names.
 * @type {import('@air-cli/air/plugin').AirHook<'air:config'>}
 */
export default async function checkConfig({ workload }) {
  const overrides = workload.max_retries === undefined ? [`max_retries=${policy.maxRetries}`] : [];
  const name = workload.experiment_name;
  const problems =
    typeof name !== 'string' || policy.experimentName.test(name)
      ? []
      : [
          {
            path: 'experiment_name',
            message: `"${name}" is not named after a team.`,
            hint: 'Write: experiment_name: TEAM-SOMETHING, in lower case',
          },
        ];
  return { overrides, problems };
}
