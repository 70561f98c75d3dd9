import { expect } from 'chai';
import { Random } from '../../support/faults-random.js';
import { rigRun, seededRun } from '../../support/faults-run.js';
import { drawScenario, rigStart } from '../../support/faults-scenario.js';

/** `npm run test:soak` plays more. */
const seeds = Number(process.env.AIR_TEST_LOG_SEEDS ?? 100);
const seedsPerTest = 25;
/** Each once told of a mistake. */
const tellingSeeds = [295, 941];

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

  it('prints them so with the seeds that once told of a mistake', async () => {
    for (const seed of tellingSeeds) expect((await seededRun(seed)).faults, `seed ${seed}`).to.deep.equal([]);
  });

  it('goes on when its token expires after an hour', async () => {
    const random = new Random(1);
    const minute = 60_000;
    const scenario = {
      ...drawScenario(random),
      nodes: 1,
      answersOneNode: false,
      begins: rigStart + 58 * minute,
      tail: null,
      maxRetries: 0,
      result: 'SUCCESS',
      serviceEnds: null,
      tokenExpires: rigStart + 60 * minute,
      phases: [
        { from: 0, attempt: 0, lifeCycle: 'RUNNING' },
        { from: rigStart + 61 * minute, attempt: 0, lifeCycle: 'TERMINATED', result: 'SUCCESS' },
      ],
      lines: [5, 30, 60.5].map((minutes, number) => {
        const at = rigStart + minutes * minute;
        return {
          attempt: 0,
          node: 0,
          time: `${at}000000`,
          body: `line ${number}`,
          id: `r${number}`,
          visible: at,
          stored: at,
          late: false,
        };
      }),
    };
    const { faults, printed, played } = await rigRun(scenario, random);
    expect(faults).to.deep.equal([]);
    expect(printed).to.have.length(3);
    expect(played.get('401')).to.be.greaterThan(0);
  });
});
