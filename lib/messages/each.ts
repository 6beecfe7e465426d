// Work for several that have nothing to do with each other: one that fails keeps none of the others from theirs.

/** Does the work for each, one after the other, and then throws the first error that there was. */
export async function forEach<Item>(items: readonly Item[], work: (item: Item) => Promise<unknown>): Promise<void> {
  const failed: unknown[] = [];
  for (const item of items) await work(item).catch((error: unknown) => failed.push(error));
  if (failed.length > 0) throw failed[0];
}
