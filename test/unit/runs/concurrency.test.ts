import { expect } from 'chai';
import fc from 'fast-check';
import { inOrder, limited } from '../../../src/lib/runs/list/concurrency.js';

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

/** Resolves after so many turns of the event loop. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
}

describe('work in order', () => {
  it('hands results over in order and keeps to its number, however long each takes', async () => {
    const delays = fc.array(fc.nat(4), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(delays, fc.integer({ min: 1, max: 5 }), fc.nat(2), async (durations, most, gap) => {
        let active = 0;
        async function* source() {
          for (const item of durations.keys()) {
            await turns(gap);
            yield item;
          }
        }
        const results = inOrder(source(), most, async (item) => {
          expect(++active).to.be.at.most(most);
          await turns(durations[item] ?? 0);
          active--;
          return item;
        });
        expect(await all(results)).to.deep.equal([...durations.keys()]);
      }),
      { numRuns: 50 },
    );
  });

  it('holds no result back for an item that is long in coming', async () => {
    let release: () => void = () => undefined;
    async function* source() {
      yield 1;
      await new Promise<void>((resolve) => (release = resolve));
      yield 2;
    }
    const results = inOrder(source(), 4, (item) => Promise.resolve(item));
    expect((await results.next()).value).to.equal(1);
    release();
    expect((await results.next()).value).to.equal(2);
    expect((await results.next()).done).to.equal(true);
  });

  it('fails when the turn of a failure comes, whether of the work or of the source', async () => {
    async function* source() {
      yield 1;
      await turns(1);
      throw new Error('source');
    }
    const broken = inOrder([1, 2, 3], 3, (item) =>
      item === 2 ? Promise.reject(new Error('work')) : Promise.resolve(item),
    );
    expect((await broken.next()).value).to.equal(1);
    for (const results of [broken, inOrder(source(), 2, (item) => turns(3).then(() => item))]) {
      const failure = await all(results).catch((error: unknown) => (error as Error).message);
      expect(failure).to.be.oneOf(['work', 'source']);
    }
  });
});

describe('a limit', () => {
  it('lets so many at a time through, and the next one after a failure too', async () => {
    const atOnce = limited(2);
    let active = 0;
    const works = Array.from({ length: 9 }, (_, index) =>
      atOnce(async () => {
        expect(++active).to.be.at.most(2);
        await turns(index % 3);
        active--;
        if (index % 2 === 0) throw new Error('odd');
        return index;
      }).catch(() => -1),
    );
    expect(await Promise.all(works)).to.deep.equal([-1, 1, -1, 3, -1, 5, -1, 7, -1]);
  });
});
