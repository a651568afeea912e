/** What something took, in milliseconds. */
export async function timed<T>(action: () => Promise<T>): Promise<{ value: T; time: number }> {
  const begin = performance.now();
  const value = await action();
  return { value, time: performance.now() - begin };
}

/** What each of many calls took, one after the other, in milliseconds. */
export async function timeEach(times: number, action: () => Promise<unknown>): Promise<number[]> {
  const measured: number[] = [];
  for (let n = 0; n < times; n += 1) measured.push((await timed(action)).time);
  return measured;
}

/** @param share 0.5 is the median */
export function quantile(measured: readonly number[], share: number): number {
  const sorted = [...measured].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export const median = (measured: readonly number[]) => quantile(measured, 0.5);

/** `0.42 ms`, `12.3 ms`, `187 ms`, `1.27 s` */
export function inWords(milliseconds: number): string {
  if (milliseconds >= 1_000) return `${(milliseconds / 1_000).toFixed(2)} s`;
  const digits = milliseconds < 1 ? 2 : milliseconds < 100 ? 1 : 0;
  return `${milliseconds.toFixed(digits)} ms`;
}
