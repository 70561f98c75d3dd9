import { record } from '../record.js';

/**
 * Writes down how it went.
 * @type {import('@air-cli/air/plugin').AirHook<'air:finished'>}
 */
export default async function recordEnd({ run_id, status }) {
  await record({ event: 'finished', run_id, status });
}
