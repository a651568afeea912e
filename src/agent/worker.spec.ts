import { expect, it } from 'vitest';
import { FakeClock, settle } from './fake-clock.js';
import { Worker } from './worker.js';

function workerWith(step: () => Promise<void>) {
  const clock = new FakeClock();
  const errors: string[] = [];
  return { clock, errors, worker: new Worker(clock, step, ({ message }) => void errors.push(message)) };
}

it('never runs two steps at a time, and misses no call', async () => {
  let running = 0;
  let steps = 0;
  const { worker } = workerWith(async () => {
    running += 1;
    expect(running).toBe(1);
    await settle();
    running -= 1;
    steps += 1;
  });
  for (let count = 0; count < 10; count += 1) worker.wake();
  await settle();
  await settle();
  await worker.close();
  expect(steps).toBe(2);
});

it('is ready for a call that comes in the very moment when the last step ends', async () => {
  let steps = 0;
  const { worker } = workerWith(() => {
    steps += 1;
    return Promise.resolve();
  });
  for (let count = 1; count <= 5; count += 1) {
    worker.wake();
    await Promise.resolve();
  }
  await settle();
  expect(steps).toBe(5);
});

it('repeats a step that failed, a little later', async () => {
  let steps = 0;
  const { clock, errors, worker } = workerWith(() => {
    steps += 1;
    return steps === 1 ? Promise.reject(new Error('disk full')) : Promise.resolve();
  });
  worker.wake();
  await settle();
  expect(errors).toEqual(['disk full']);
  await clock.advance(999);
  expect(steps).toBe(1);
  await clock.advance(1);
  expect(steps).toBe(2);
});

it('does nothing more once it is closed', async () => {
  let steps = 0;
  const { clock, worker } = workerWith(() => Promise.resolve(void (steps += 1)));
  worker.wakeIn(10);
  await worker.close();
  worker.wake();
  await clock.advance(100);
  expect(steps).toBe(0);
});
