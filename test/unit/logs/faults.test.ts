import { expect } from 'chai';
import { seededRun } from '../../support/faults-run.js';

/** `npm run test:soak` plays more. */
const seeds = Number(process.env.AIR_TEST_LOG_SEEDS ?? 100);
const seedsPerTest = 25;

describe('following a run through a faulty workspace', function () {
  this.timeout(300_000);

  for (let first = 1; first <= seeds; first += seedsPerTest) {
    const last = Math.min(first + seedsPerTest - 1, seeds);
    it(`prints every line once, in order, with the right exit code: seeds ${first} to ${last}`, async () => {
      for (let seed = first; seed <= last; seed++) {
        const { faults } = await seededRun(seed);
        expect(faults, `seed ${seed}`).to.deep.equal([]);
      }
    });
  }
});
