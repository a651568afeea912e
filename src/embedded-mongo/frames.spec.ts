import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataFile } from './data-file.js';
import { FORMAT_VERSION, HEADER_BYTES, StorageError } from './frames.js';

describe('a data file', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'frames-'));
  });

  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  /** Three batches; answers where the file's path and what it holds. */
  async function written(): Promise<{ path: string; bytes: Buffer }> {
    const file = DataFile.create(directory, 1);
    file.publish();
    for (const batch of [['one'], ['two', 'three'], ['four']])
      await file.commit(batch.map((text) => Buffer.from(text.repeat(20))));
    const end = file.bytes;
    file.close();
    const path = join(directory, 'data-0000000001');
    return { path, bytes: readFileSync(path).subarray(0, end) };
  }

  function read(): string[] {
    const found: string[] = [];
    const file = DataFile.open(directory, (payload) => found.push(String(payload)));
    file?.close();
    return found.map((text) => text.slice(0, text.length / 20));
  }

  it('gives back every batch, with or without space reserved behind them', async () => {
    const { path, bytes } = await written();
    expect(read()).toEqual(['one', 'two', 'three', 'four']);
    writeFileSync(path, bytes);
    expect(read()).toEqual(['one', 'two', 'three', 'four']);
  });

  it('cut anywhere gives back whole batches from its beginning', async () => {
    const { path, bytes } = await written();
    for (let length = HEADER_BYTES; length <= bytes.length; length += 3) {
      writeFileSync(path, bytes.subarray(0, length));
      expect([[], ['one'], ['one', 'two', 'three'], ['one', 'two', 'three', 'four']]).toContainEqual(read());
    }
  });

  it('with any byte changed is refused by name, or is one whose last batch is torn', async () => {
    const { path, bytes } = await written();
    let refused = 0;
    for (let at = 0; at < bytes.length; at += 2) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ 0x41;
      writeFileSync(path, damaged);
      try {
        expect(read()).toEqual(['one', 'two', 'three']);
      } catch (error) {
        if (!(error instanceof StorageError)) throw error;
        expect(error.message).toContain(path);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(bytes.length / 4);
  });

  it('of a newer format is refused by its number', async () => {
    const { path, bytes } = await written();
    bytes.writeUInt32BE(FORMAT_VERSION + 1, 8);
    writeFileSync(path, bytes);
    expect(() => read()).toThrow(`format version ${FORMAT_VERSION + 1}`);
  });

  it('that was never finished is left out and removed', async () => {
    await written();
    const unfinished = DataFile.create(directory, 2);
    unfinished.append([Buffer.from('x')]);
    unfinished.close();
    expect(read()).toEqual(['one', 'two', 'three', 'four']);
    expect(readdirSync(directory)).toEqual(['data-0000000001']);
  });
});
