import { copyFile, mkdir, open, stat, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { outputEnd } from '../../output-end.js';

/** A plugin's output is cut when it is longer than this; as much again is kept of what was before. */
const LOG_LIMIT_BYTES = 10 * 1024 * 1024;

/** @returns 0 where there is no such file */
export async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

/**
 * Opens a log for a process to write to. Appending, so that the file may be cut short under the process, and a file
 * rather than a pipe, so that the process outlives the agent.
 */
export async function openLog(path: string): Promise<{ fd: number; close(): Promise<void> }> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'a', 0o600);
  return { fd: file.fd, close: () => file.close() };
}

/** Keeps a log bounded: what it holds moves to `<path>.1`. What is printed in that moment may be lost. */
export async function boundLog(path: string, limit = LOG_LIMIT_BYTES): Promise<void> {
  if ((await sizeOf(path)) <= limit) return;
  await copyFile(path, `${path}.1`);
  await truncate(path, 0);
}

/** The end of a log, from `offset` on: whole lines where possible, at most `maxBytes`, with a mark where it was cut. */
export async function logTail(path: string, offset: number, maxBytes: number): Promise<string> {
  const file = await open(path, 'r').catch(() => undefined);
  if (!file) return '';
  try {
    const { size } = await file.stat();
    // A log that is shorter than where this launch began has been cut since.
    const begin = offset > size ? 0 : offset;
    const from = Math.max(begin, size - maxBytes);
    const buffer = Buffer.alloc(size - from);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
    return outputEnd(buffer.subarray(0, bytesRead), maxBytes, from > begin);
  } finally {
    await file.close();
  }
}
