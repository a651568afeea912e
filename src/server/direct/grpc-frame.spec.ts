import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { frameOf, FrameReader } from './grpc-frame.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Of objects and of the bytes of buffers. */
function memory(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

it('keeps a message that comes byte by byte in little more memory than it has bytes', () => {
  const bytes = 100_000;
  const frame = frameOf(Buffer.alloc(bytes, 7));
  const readers = Array.from({ length: 2 }, () => new FrameReader(bytes));
  const before = memory();
  for (const reader of readers) for (const byte of frame) reader.add(Buffer.of(byte));
  expect((memory() - before) / (readers.length * bytes)).toBeLessThan(3);
  for (const reader of readers) expect(frame.subarray(5).equals(reader.end() as Buffer)).toBe(true);
});
