/**
 * Applies `work` to every item, at most `most` at a time, and hands the results over in the order of the items,
 * each as soon as it and those before it are there. An item that is long in coming holds no result back.
 */
export async function* inOrder<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  most: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result, void, void> {
  const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const running: Promise<Result>[] = [];
  let coming: Promise<IteratorResult<Item, unknown>> | undefined;
  let ended = false;
  try {
    for (;;) {
      while (!ended && running.length < most) {
        coming ??= metLater(Promise.resolve(source.next()));
        if ((await firstOf(coming, running[0])) === 'result') break;
        const { done, value } = await coming;
        coming = undefined;
        if (done) ended = true;
        else running.push(metLater(work(value)));
      }
      const next = running.shift();
      if (next === undefined) return;
      yield await next;
    }
  } finally {
    void metLater(Promise.resolve(source.return?.()));
  }
}

async function firstOf(
  item: Promise<unknown>,
  result: Promise<unknown> | undefined,
): Promise<'item' | 'result'> {
  const settled = <T>(promise: Promise<unknown>, as: T): Promise<T> =>
    promise.then(
      () => as,
      () => as,
    );
  if (result === undefined) return settled(item, 'item' as const);
  return Promise.race([settled(item, 'item' as const), settled(result, 'result' as const)]);
}

/** A promise whose failure is met when its turn comes; until then it is no unhandled one. */
function metLater<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

/** Runs what it is given, at most `most` at a time, in the order of the calls. */
export function limited(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let active = 0;
  return async (work) => {
    if (active < most) active++;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      // The place is handed on as it is, or given up.
      const next = waiting.shift();
      if (next) next();
      else active--;
    }
  };
}
