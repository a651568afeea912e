import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { DriverError } from '../driver-error.js';
import { driverErrorOf, EngineError } from './engine-error.js';
import { pullError } from './image-store.js';
import { readLog } from './log-stream.js';
import { PullProgress } from './pull-progress.js';

const frame = (text: string, stream = 1): Buffer => {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
};

it('reads output from frames, however they are cut', async () => {
  const bytes = Buffer.concat([frame('one\n'), frame('boom\n', 2), frame('three\n')]);
  const single = [...bytes].map((byte) => Buffer.from([byte]));
  for (const chunks of [[bytes], single]) {
    expect(await readLog(Readable.from(chunks), 1_000)).toBe('one\nboom\nthree');
    expect(await readLog(Readable.from(chunks), 13)).toBe('[…]\nthree');
  }
  expect(await readLog(Readable.from([]), 10)).toBe('');
});

it('cuts no character in two, and marks where it cuts', async () => {
  const long = 'é'.repeat(10);
  expect(await readLog(Readable.from([frame(long), frame(long)]), 14)).toBe(`[…]${'é'.repeat(4)}`);
  expect(await readLog(Readable.from([frame(long), frame(long)]), 15)).toBe(`[…]${'é'.repeat(4)}`);
  expect(await readLog(Readable.from([frame(long), frame(long)]), 40)).toBe(long + long);
});

it('tells how far a pull is', () => {
  const progress = new PullProgress('r.test/a:1');
  expect(progress.text).toBe('pulls the image r.test/a:1');
  expect(progress.add({ status: 'Pulling from a', id: '1' })).toBe(false);
  progress.add({ id: 'x', status: 'Pulling fs layer' });
  progress.add({ id: 'y', status: 'Already exists' });
  progress.add({ id: 'x', status: 'Downloading', progressDetail: { current: 40_000_000, total: 100_000_000 } });
  expect(progress.text).toBe('pulls the image r.test/a:1: 1 of 2 layers, 40 of 100 MB');
  progress.add({ id: 'x', status: 'Extracting', progressDetail: { current: 1, total: 7 } });
  progress.add({ id: 'x', status: 'Pull complete' });
  expect(progress.text).toBe('pulls the image r.test/a:1: 2 of 2 layers, 100 of 100 MB');
});

it.each<[number, string, boolean, string]>([
  [500, 'write /usr/bin/node: no space left on device', true, "no room on the engine's disk"],
  [500, 'Bind for 127.0.0.1:2 failed: port is already allocated', true, 'its port is taken'],
  [500, 'listen tcp4 127.0.0.1:2: bind: address already in use', true, 'its port is taken'],
  [400, 'exec: "x": executable file not found in $PATH: unknown', false, 'no such command'],
  [404, 'network plugins not found', false, 'no such network'],
  [400, 'Minimum memory limit allowed is 6MB', false, 'Minimum memory limit'],
  [500, 'something else', true, 'something else'],
])('says of %i %s whether it may pass: %s', (status, message, recoverable, text) => {
  const error = driverErrorOf('cannot be started', new EngineError(status, message));
  expect(error).toBeInstanceOf(DriverError);
  expect(error).toMatchObject({ recoverable, message: expect.stringContaining(text) as string });
  expect(error.message).toContain(message);
});

it.each([
  ['manifest for r.test/a:1 not found: manifest unknown', undefined, 'image-not-found'],
  ['pull access denied for a, repository does not exist or may require docker login', undefined, 'image-not-found'],
  ['unauthorized: authentication required', { username: 'u', password: 'p' }, 'lasting'],
  ['invalid reference format', undefined, 'lasting'],
  ['net/http: request canceled while waiting for connection', undefined, 'passing'],
])('tells an image that is not there from a registry that is away: %s', (message, login, fault) => {
  const status = message.startsWith('invalid') ? 400 : 500;
  expect(pullError('r.test/a:1', 'r.test', login, new EngineError(status, message))).toMatchObject({ fault });
});
