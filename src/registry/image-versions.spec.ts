import { beforeEach, expect, it } from 'vitest';
import { locateImage } from './image-location.js';
import { ImageVersions } from './image-versions.js';
import { RegistryError } from './registry-error.js';

const image = locateImage({ image: 'cloudforet/p' });
let now = 0;
let asked = 0;
let answer: () => Promise<string[]>;
let stale: string[];

const open = () =>
  new ImageVersions(
    { tags: () => ((asked += 1), answer()) },
    { now: () => now, freshMs: 1_000, staleMs: 60_000, onStale: (name) => stale.push(name) },
  );

beforeEach(() => {
  now = 1_000_000;
  asked = 0;
  stale = [];
  answer = () => Promise.resolve(['1.0.0', '1.1.0-rc.1', 'latest']);
});

it('asks once for all who want to know, and again when the answer is old', async () => {
  const versions = open();
  const all = await Promise.all(Array.from({ length: 50 }, () => versions.list(image)));
  expect(new Set(all.map(String))).toEqual(new Set(['1.0.0']));
  expect(await versions.list(image, true)).toEqual(['1.1.0-rc.1', '1.0.0']);
  now += 999;
  await versions.list(image);
  expect(asked).toBe(1);
  now += 1;
  answer = () => Promise.resolve(['2.0.0']);
  expect(await versions.list(image)).toEqual(['2.0.0']);
  expect(asked).toBe(2);
});

it('asks again at once where the answer may not be older', async () => {
  const versions = open();
  await versions.list(image);
  await versions.list(image, false, 0);
  expect(asked).toBe(2);
});

it('gives the last answer while the registry is out of order, and then none', async () => {
  const versions = open();
  await versions.list(image);
  now += 5_000;
  answer = () => Promise.reject(new RegistryError('unavailable', 'gone for lunch'));
  expect(await versions.list(image)).toEqual(['1.0.0']);
  expect(stale).toEqual(['cloudforet/p']);
  now += 60_000;
  await expect(versions.list(image)).rejects.toThrow('gone for lunch');
});

it('remembers a failure for a moment, and for as long as it was told to wait', async () => {
  const versions = open();
  answer = () => Promise.reject(new RegistryError('throttled', 'slow down', 30_000));
  await expect(versions.list(image)).rejects.toThrow('slow down');
  now += 29_999;
  await expect(versions.list(image, false, 0)).rejects.toThrow('slow down');
  expect(asked).toBe(1);
  now += 1;
  answer = () => Promise.resolve(['3.0.0']);
  expect(await versions.list(image)).toEqual(['3.0.0']);
});

it('forgets the versions of an image that is gone', async () => {
  const versions = open();
  await versions.list(image);
  now += 1_000;
  answer = () => Promise.reject(new RegistryError('not-found', 'no such image'));
  await expect(versions.list(image)).rejects.toThrow('no such image');
});
