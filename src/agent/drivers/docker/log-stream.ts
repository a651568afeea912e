import type { Readable } from 'node:stream';

const HEADER = 8;

/**
 * Reads what a container has printed, as engines send it: frames of eight bytes that say whose output follows and how long
 * it is, then that output.
 *
 * @returns the end of it, at most so many bytes
 */
export async function readLog(stream: Readable, maxBytes: number): Promise<string> {
  let unread = Buffer.alloc(0);
  let kept = Buffer.alloc(0);
  for await (const chunk of stream) {
    unread = Buffer.concat([unread, chunk as Buffer]);
    while (unread.length >= HEADER) {
      const end = HEADER + unread.readUInt32BE(4);
      if (unread.length < end) break;
      kept = Buffer.concat([kept, unread.subarray(HEADER, end)]).subarray(-maxBytes);
      unread = unread.subarray(end);
    }
  }
  // A character that was cut in two is left out.
  let first = 0;
  while (first < kept.length && ((kept[first] ?? 0) & 0xc0) === 0x80) first += 1;
  return kept.subarray(first).toString('utf8').trimEnd();
}
