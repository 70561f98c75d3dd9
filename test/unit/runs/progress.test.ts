import { expect } from 'chai';
import { estimateProgress } from '../../../src/lib/runs/progress.js';

type Point = [second: number, step: number, epoch: number];

const run = (params: Record<string, string>) => ({
  data: { params: Object.entries(params).map(([key, value]) => ({ key, value })) },
});
const history = (points: Point[]) =>
  points.map(([second, step, value]) => ({ key: 'epoch', value, step, timestamp: String(second * 1000) }));

describe('progress of a training', () => {
  it('follows the steps when their total is known', () => {
    const points = history([
      [0, 1000, 0.1],
      [100, 5000, 0.5],
    ]);
    expect(estimateProgress(run({ max_steps: '10000' }), points)).to.deep.equal({
      remainingSeconds: 125,
      percentComplete: 50,
    });
  });

  it('follows the epochs otherwise', () => {
    const points = history([
      [0, 100, 0.5],
      [90, 300, 1.5],
    ]);
    expect(estimateProgress(run({ max_steps: '-1', num_train_epochs: '3' }), points)).to.deep.equal({
      remainingSeconds: 135,
      percentComplete: 50,
    });
  });

  it('takes the rate of the last ten points, whatever order they come in', () => {
    const slowStart: Point[] = [
      [0, 0, 0],
      [1000, 10, 0.01],
    ];
    const steady = Array.from({ length: 10 }, (_, index): Point => [1010 + index * 10, 110 + index * 100, 0]);
    expect(estimateProgress(run({ max_steps: '2000' }), history([...steady, ...slowStart]))).to.deep.equal({
      remainingSeconds: 99,
      percentComplete: 51,
    });
  });

  it('never says that a running training is complete', () => {
    const points = history([
      [0, 1, 0],
      [100, 999, 0],
    ]);
    expect(estimateProgress(run({ max_steps: '1000' }), points)?.percentComplete).to.equal(99);
    expect(
      estimateProgress(
        run({ max_steps: '100000' }),
        history([
          [0, 99_000, 0],
          [1, 99_990, 0],
        ]),
      )?.percentComplete,
    ).to.equal(99);
  });

  it('guesses nothing without grounds', () => {
    const good: Point[] = [
      [0, 100, 0.5],
      [90, 300, 1.5],
    ];
    const none: [Record<string, string>, Point[]][] = [
      [{}, good],
      [{ max_steps: '-1' }, good],
      [{ num_train_epochs: '0' }, good],
      [{ max_steps: 'many' }, good],
      [{ max_steps: '' }, good],
      [{ max_steps: '1000' }, good.slice(1)],
      [{ max_steps: '1000' }, []],
      [
        { max_steps: '1000' },
        [
          [0, 2, 0],
          [90, 8, 1],
        ],
      ],
      [
        { max_steps: '1000' },
        [
          [90, 100, 0],
          [90, 300, 1],
        ],
      ],
      [{ max_steps: '300' }, good],
      [{ num_train_epochs: '1.5' }, good],
      [
        { max_steps: '1000' },
        [
          [0, 300, 1],
          [90, 300, 1],
        ],
      ],
    ];
    for (const [params, points] of none) {
      expect(estimateProgress(run(params), history(points)), JSON.stringify({ params, points })).to.equal(
        null,
      );
    }
    expect(estimateProgress({}, history(good))).to.equal(null);
  });
});
