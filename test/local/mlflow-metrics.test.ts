import { expect } from 'chai';
import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database } from '../../src/lib/local/store/database.js';
import type { MetricPoint } from '../../src/lib/local/store/tracking-values.js';
import { Tracking, trackingSchema } from '../../src/lib/local/store/tracking.js';

describe('histories of MLflow metrics', () => {
  let folder: string;
  let database: Database;
  let tracking: Tracking;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'air-metrics-'));
    database = Database.open(join(folder, 'tracking.db'), [trackingSchema]);
    tracking = new Tracking(database);
  });
  after(() => {
    database.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const value = fc.oneof(fc.double(), fc.integer({ min: -3, max: 3 }));
  const points = fc.array(
    fc.record({
      key: fc.constant('loss'),
      value,
      timestamp: fc.bigInt({ min: -5n, max: 400n }),
      step: fc.oneof(
        fc.bigInt({ min: -5n, max: 400n }),
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      ),
    }),
    { maxLength: 300 },
  );

  it('come back whole, in order, and with the newest point known, however they were logged', async () => {
    await fc.assert(
      fc.asyncProperty(points, fc.integer({ min: 1, max: 7 }), async (all, pageSize) => {
        const runId = newRun();
        const half = Math.floor(all.length / 2);
        await tracking.logBatch(runId, { metrics: all.slice(0, half) });
        await tracking.logBatch(runId, { metrics: all });
        const read: MetricPoint[] = [];
        for (;;) {
          const page = tracking.metrics.history(keyOf(runId), 'loss', pageSize, read.at(-1));
          read.push(...page);
          if (page.length < pageSize) break;
        }
        expect(new Set(read.map(text))).to.deep.equal(new Set(all.map(text)));
        expect(read).to.have.length(new Set(all.map(text)).size);
        const [newest] = tracking.runs.get(runId).metrics;
        expect(newest && text(newest)).to.equal(all.length > 0 ? text(newestOf(all)) : undefined);
      }),
      { numRuns: 60 },
    );
  });

  it('have outlines with their extremes and their end, as good when grown as when made anew', async () => {
    await fc.assert(
      fc.asyncProperty(
        points,
        fc.integer({ min: 2, max: 60 }),
        fc.array(fc.nat(300), { maxLength: 3 }),
        async (all, limit, cuts) => {
          const runId = newRun();
          let from = 0;
          for (const cut of [...cuts.sort((a, b) => a - b), all.length]) {
            await tracking.logBatch(runId, { metrics: all.slice(from, cut) });
            from = Math.max(from, cut);
            await tracking.metrics.outline(keyOf(runId), 'loss', limit);
          }
          const grown = await tracking.metrics.outline(keyOf(runId), 'loss', limit);
          const anew = await new Tracking(database).metrics.outline(keyOf(runId), 'loss', limit);
          expect(grown.map(text)).to.deep.equal(anew.map(text));
          const distinct = [...new Map(all.map((point) => [text(point), point])).values()];
          expect(grown.length).to.be.at.most(limit + 1);
          if (distinct.length <= limit / 2) expect(grown).to.have.length(distinct.length);
          const finite = (list: MetricPoint[]) =>
            list.map((point) => point.value).filter((number) => Number.isFinite(number));
          expect(Math.max(...finite(grown))).to.equal(Math.max(...finite(all)));
          expect(Math.min(...finite(grown))).to.equal(Math.min(...finite(all)));
          const steps = grown.map(({ step }) => step);
          expect(steps).to.deep.equal([...steps].sort((a, b) => (a < b ? -1 : Number(a > b))));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('have outlines of a range of steps', async () => {
    const runId = newRun();
    const metrics = Array.from({ length: 10_000 }, (_, index) => point(index, Math.sin(index)));
    await tracking.logBatch(runId, { metrics });
    const range = { from: 4000n, to: 4999n };
    const found = await tracking.metrics.outline(keyOf(runId), 'loss', 100, range);
    expect(found.length).to.be.within(50, 101);
    expect(found.every(({ step }) => step >= range.from && step <= range.to)).to.equal(true);
    expect(found.at(-1)?.step).to.equal(4999n);
    expect(await tracking.metrics.outline(keyOf(runId), 'none', 100)).to.deep.equal([]);
  });

  function newRun(): string {
    return tracking.createRun({ experimentId: '0', runName: 'run', userId: '', startTime: 1, tags: [] });
  }

  function keyOf(runId: string): bigint {
    return tracking.runs.row(runId).run_key;
  }

  function point(index: number, number: number): MetricPoint {
    return { key: 'loss', value: number, timestamp: BigInt(index), step: BigInt(index) };
  }

  /** Minus zero is stored as zero. */
  function text(metric: MetricPoint): string {
    return `${metric.timestamp} ${metric.step} ${metric.value === 0 ? 0 : metric.value}`;
  }

  function newestOf(all: readonly MetricPoint[]): MetricPoint {
    const rank = (number: number) => (Number.isNaN(number) ? -1 : 0);
    return all.reduce((best, next) => {
      if (next.step !== best.step) return next.step > best.step ? next : best;
      if (next.timestamp !== best.timestamp) return next.timestamp > best.timestamp ? next : best;
      if (rank(next.value) !== rank(best.value)) return rank(next.value) > rank(best.value) ? next : best;
      return next.value > best.value ? next : best;
    });
  }
});
