import { policy } from '../policy.js';

/**
 * Refuses what is too large, and notes what the run takes.
 * @type {import('@air-cli/air/plugin').AirHook<'air:plan'>}
 */
export default async function reviewPlan({ plan }) {
  if (plan.num_accelerators > policy.mostGpus) {
    return {
      refusal: `it asks for ${plan.num_accelerators} GPUs, and this house allows ${policy.mostGpus}.`,
    };
  }
  return { notes: [`${plan.num_accelerators} of ${policy.mostGpus} GPUs allowed for one run`] };
}
