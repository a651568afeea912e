import { setImmediate as settle } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Semaphore } from './semaphore.js';

const never = new AbortController().signal;

it('lets in as many as there are places, then one for each that leaves', async () => {
  const places = new Semaphore(2);
  const entered: number[] = [];
  const releases: (() => void)[] = [];
  for (const id of [1, 2, 3, 4]) {
    void places.acquire(never).then((release) => {
      entered.push(id);
      releases.push(release);
    });
  }
  await settle();
  expect(entered).toEqual([1, 2]);
  releases[0]?.();
  releases[0]?.();
  await settle();
  expect(entered).toEqual([1, 2, 3]);
});

it('forgets who stops waiting', async () => {
  const places = new Semaphore(1);
  const release = await places.acquire(never);
  const impatient = new AbortController();
  const refused = expect(places.acquire(impatient.signal)).rejects.toThrow('enough');
  impatient.abort(new Error('enough'));
  await refused;
  release();
  await expect(places.acquire(never)).resolves.toBeTypeOf('function');
});
