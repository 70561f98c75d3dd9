import { record } from '../record.js';

/**
 * Writes down who was sent off.
 * @type {import('@air-cli/air/plugin').AirHook<'air:submitted'>}
 */
export default async function recordSubmission({ run_id, experiment_name }) {
  await record({ event: 'submitted', run_id, experiment_name });
}
