/**
 * Applies `work` to every item, at most `most` at a time, and hands the results over in the order of the items,
 * each as soon as it and those before it are there.
 */
export async function* inOrder<Item, Result>(
  items: readonly Item[],
  most: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result, void, void> {
  const running: Promise<Result>[] = [];
  let next = 0;
  while (next < items.length || running.length > 0) {
    while (next < items.length && running.length < most) {
      const result = work(items[next++] as Item);
      // Its failure is met when its turn comes; until then it is no unhandled one.
      result.catch(() => undefined);
      running.push(result);
    }
    yield (await running.shift()) as Result;
  }
}
