/** Runs the task for every item, so many at a time. The first error is thrown when it happens. */
export async function atMost<T>(
  limit: number,
  items: readonly T[],
  task: (item: T) => Promise<unknown>,
): Promise<void> {
  const rest = items.values();
  const work = async () => {
    for (const item of rest) await task(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work));
}
