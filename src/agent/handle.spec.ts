import { expect, it } from 'vitest';
import { parseHandle, type Handle } from './handle.js';

const handle: Handle = {
  format: 1,
  plugin_id: 'p',
  version: '1',
  incarnation: 3,
  generation: 2,
  after_incarnation: 1,
  restart: { failures: [1], immediate: true, failed: false, nextStartAt: 0 },
  launches: [
    { launch_id: 'x', incarnation: 3, domain_id: 'd', resource_type: 'r', driver: 'process', data: { port: 1 } },
  ],
};

it('reads what was written', () => {
  expect(parseHandle(JSON.stringify(handle))).toEqual(handle);
});

it.each([
  ['half a file', JSON.stringify(handle).slice(0, 60), /JSON/],
  ['nothing', '', /JSON/],
  ['another format', JSON.stringify({ ...handle, format: 2 }), /format is 2, not 1/],
  ['a list', '[]', /the handle is not an object/],
  ['no plugin', JSON.stringify({ ...handle, plugin_id: undefined }), /plugin_id is not a string/],
  ['a count in words', JSON.stringify({ ...handle, incarnation: 'three' }), /incarnation is not a number/],
  ['no restart state', JSON.stringify({ ...handle, restart: null }), /restart is not an object/],
  ['a launch without data', JSON.stringify({ ...handle, launches: [{ ...handle.launches[0], data: 1 }] }), /data/],
])('says what is wrong with %s', (_, text, message) => {
  expect(() => parseHandle(text)).toThrow(message);
});
