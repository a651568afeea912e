import type { Readable } from 'node:stream';
import { outputEnd } from '../../output-end.js';

const HEADER = 8;

/**
 * Reads what a container has printed, as engines send it: frames of eight bytes that say whose output follows and how long
 * it is, then that output.
 *
 * @returns the end of it, at most so many bytes, with a mark where it was cut
 */
export async function readLog(stream: Readable, maxBytes: number): Promise<string> {
  let unread = Buffer.alloc(0);
  let kept = Buffer.alloc(0);
  let isCut = false;
  for await (const chunk of stream) {
    unread = Buffer.concat([unread, chunk as Buffer]);
    while (unread.length >= HEADER) {
      const end = HEADER + unread.readUInt32BE(4);
      if (unread.length < end) break;
      const all = Buffer.concat([kept, unread.subarray(HEADER, end)]);
      isCut ||= all.length > maxBytes;
      kept = all.subarray(-maxBytes);
      unread = unread.subarray(end);
    }
  }
  return outputEnd(kept, maxBytes, isCut);
}
