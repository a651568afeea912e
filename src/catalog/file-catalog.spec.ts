import 'reflect-metadata';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { FileCatalog } from './file-catalog.js';

let directory: string;
let path: string;
let time = 0;
const error = vi.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
vi.spyOn(Logger.prototype, 'log').mockImplementation(() => undefined);

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'berth-catalog-'));
  path = join(directory, 'catalog.yaml');
  error.mockClear();
});
afterEach(() => rmSync(directory, { recursive: true }));

const write = (...ids: string[]) =>
  writeFileSync(
    path,
    stringify({
      plugins: ids.map((plugin_id) => ({ plugin_id, resource_type: 'monitoring.Webhook', versions: [] })),
    }),
  );
const idsOf = async (catalog: FileCatalog) => {
  time += 1_000;
  return (await catalog.list()).map(({ pluginId }) => pluginId);
};
const open = () => new FileCatalog(path, () => time);

it.each([
  ['there is no file', () => undefined, 'ENOENT'],
  ['it is no YAML', () => writeFileSync(path, 'plugins: ['), 'plugins'],
  ['it says something else', () => writeFileSync(path, 'plugins: 5'), 'plugins'],
  ['it is empty', () => writeFileSync(path, ''), 'object'],
])('says which catalog is not usable when %s', (_, prepare, reason) => {
  prepare();
  expect(open).toThrow(`The catalog ${path} is not usable`);
  expect(open).toThrow(reason);
});

it('reads a changed file again, and goes on with the last good state while it is bad or away', async () => {
  write('a');
  const catalog = open();
  write('a', 'b');
  expect(await idsOf(catalog)).toEqual(['a', 'b']);
  expect(await catalog.find('b')).toMatchObject({ pluginId: 'b', state: 'ENABLED' });

  writeFileSync(path, 'plugins: 5');
  for (let look = 0; look < 3; look++) expect(await idsOf(catalog)).toEqual(['a', 'b']);
  expect(error).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ reason: expect.stringContaining('key = plugins') as string }),
  );
  rmSync(path);
  for (let look = 0; look < 3; look++) expect(await idsOf(catalog)).toEqual(['a', 'b']);
  expect(error).toHaveBeenCalledTimes(2);

  write('c');
  expect(await idsOf(catalog)).toEqual(['c']);
});
