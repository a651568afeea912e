import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Handle } from './handle.js';
import { HandleStore } from './handle-store.js';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'berth-handles-'));
});
afterEach(() => rm(directory, { recursive: true }));

const handle = (incarnation: number, more: Partial<Handle> = {}): Handle => ({
  format: 1,
  plugin_id: 'p',
  version: '1',
  incarnation,
  generation: 1,
  after_incarnation: 0,
  restart: { failures: [], immediate: false, failed: false, nextStartAt: 0 },
  launches: [],
  ...more,
});

it('keeps the last of many writes, whole, and nothing else', async () => {
  const store = new HandleStore(directory);
  await Promise.all(Array.from({ length: 20 }, (_, count) => store.save(handle(count))));
  expect(await readdir(directory)).toEqual(['p@1.json']);
  expect((await store.load()).handles).toEqual([handle(19)]);
});

it('goes on after a write that failed', async () => {
  const store = new HandleStore(directory);
  await rm(directory, { recursive: true });
  await expect(store.save(handle(1))).rejects.toThrow('ENOENT');
  await store.load();
  await store.save(handle(2));
  expect((await store.load()).handles).toEqual([handle(2)]);
});

it('sets aside what it cannot read, naming it in the log, and clears what a killed agent left half written', async () => {
  const errors = vi.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
  const store = new HandleStore(directory);
  await store.save(handle(1));
  await store.save(handle(1, { plugin_id: 'q' }));
  await writeFile(join(directory, 'p@1.json'), '{"format"');
  await writeFile(join(directory, 'p@1.json.17-1.tmp'), '{');
  const { handles, lost } = await store.load();
  expect(handles).toEqual([handle(1, { plugin_id: 'q' })]);
  expect(lost({ plugin_id: 'p', version: '1' })).toBe(true);
  expect(lost({ plugin_id: 'q', version: '1' })).toBe(false);
  const names = await readdir(directory);
  expect(names.sort()).toEqual([expect.stringMatching(/^p@1\.json\.corrupt-\d+$/), 'q@1.json']);
  expect(await readFile(join(directory, names[0] ?? ''), 'utf8')).toBe('{"format"');
  expect(errors).toHaveBeenCalledWith(expect.objectContaining({ path: join(directory, 'p@1.json') }));
  errors.mockRestore();
});

it('forgets the counts of what has not run for a month', async () => {
  const store = new HandleStore(directory);
  await store.save(handle(5, { generation: 0 }));
  expect((await store.load()).handles).toHaveLength(1);
  const old = Date.now() / 1000 - 31 * 24 * 3_600;
  await utimes(join(directory, 'p@1.json'), old, old);
  expect((await store.load()).handles).toEqual([]);
  expect(await readdir(directory)).toEqual([]);
});
