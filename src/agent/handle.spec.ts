import { expect, it } from 'vitest';
import { parseHandle, recordOf, type Handle } from './handle.js';
import type { Launch } from './launch.js';

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

const [launch] = handle.launches;
const strings = ['plugin_id', 'version'];
const numbers = ['incarnation', 'generation', 'after_incarnation', 'assigned_at'];

it.each<[string, object, string]>([
  ...strings.map((name): [string, object, string] => [name, { [name]: 1 }, `${name} is not a string`]),
  ...numbers.map((name): [string, object, string] => [name, { [name]: '1' }, `${name} is not a number`]),
  ['restart.failures', { restart: { ...handle.restart, failures: 1 } }, 'restart.failures is not a list'],
  ['restart.immediate', { restart: { ...handle.restart, immediate: 1 } }, 'immediate is not a boolean'],
  ['restart.failed', { restart: { ...handle.restart, failed: 1 } }, 'failed is not a boolean'],
  ['restart.nextStartAt', { restart: { ...handle.restart, nextStartAt: '1' } }, 'nextStartAt is not a number'],
  ['restart', { restart: [] }, 'restart is not an object'],
  ['launches', { launches: {} }, 'launches is not a list'],
  ['a launch', { launches: [null] }, 'a launch is not an object'],
  ...['launch_id', 'domain_id', 'resource_type', 'driver'].map((name): [string, object, string] => [
    `a launch's ${name}`,
    { launches: [{ ...launch, [name]: 1 }] },
    `${name} is not a string`,
  ]),
  ["a launch's incarnation", { launches: [{ ...launch, incarnation: '1' }] }, 'incarnation is not a number'],
  ["a launch's data", { launches: [{ ...launch, data: [] }] }, 'data is not an object'],
])('names what is of the wrong type: %s', (_, changes, message) => {
  expect(() => parseHandle(JSON.stringify({ ...handle, ...changes }))).toThrow(new Error(message));
});

it('reads what an older agent has written, which did not know when it was assigned', () => {
  expect(parseHandle(JSON.stringify({ ...handle, assigned_at: 5 })).assigned_at).toBe(5);
  expect(parseHandle(JSON.stringify(handle)).assigned_at).toBeUndefined();
});

it('keeps of a launch what finds it again, and nothing of one that is over', () => {
  const spec = { launch_id: 'x', incarnation: 3, domain_id: 'd', resource_type: 'r', plugin_id: 'p', version: '1' };
  const running = {
    spec,
    state: 'ready',
    progress: { data: { port: 1 }, startedAt: 5, readyAt: 6 },
  } as unknown as Launch;
  expect(recordOf(running, 'process')).toEqual([{ ...launch, started_at: 5, ready_at: 6 }]);
  expect(recordOf({ ...running, state: 'stopped' } as Launch, 'process')).toEqual([]);
  expect(recordOf({ ...running, death: { reason: 'exit' } } as Launch, 'process')).toEqual([]);
  expect(recordOf({ ...running, progress: undefined } as Launch, 'process')).toEqual([]);
});
