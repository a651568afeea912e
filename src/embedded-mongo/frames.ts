import { readSync } from 'node:fs';
import { crc32 } from 'node:zlib';

/*
 * A data file: a header of 20 bytes, then frames:
 *   salt u32 | crc32 of all that follows u32 | payload length u32 | last of its batch u8 | where its batch starts u48 | payload
 * All numbers are big-endian. The salt is random per file, so that a frame is found again behind damage.
 */
export const FORMAT_VERSION = 2;
export const HEADER_BYTES = 20;
const FRAME_BYTES = 19;
/** Where what the checksum covers starts in a frame. */
const CHECKED = 8;
const MAGIC = Buffer.from('BERTHMDB');
const MAX_PAYLOAD = 80 * 1024 * 1024;
const WINDOW = 4 * 1024 * 1024;

/** The data directory cannot be trusted or used; the message names the file and what is wrong. */
export class StorageError extends Error {}

/** The header of a new data file. */
export function fileHeader(salt: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header);
  header.writeUInt32BE(FORMAT_VERSION, 8);
  header.writeUInt32BE(salt, 12);
  header.writeUInt32BE(crc32(header.subarray(0, 16)), 16);
  return header;
}

/** The salt of a data file. @throws StorageError for a newer format, or for a file that is none. */
export function readHeader(fd: number, name: string): number {
  const header = Buffer.alloc(HEADER_BYTES);
  const read = readSync(fd, header, 0, HEADER_BYTES, 0);
  if (read < HEADER_BYTES || !header.subarray(0, 8).equals(MAGIC)) {
    throw new StorageError(`${name} is damaged: it does not start as a data file`);
  }
  const version = header.readUInt32BE(8);
  if (version !== FORMAT_VERSION) {
    throw new StorageError(`${name} has format version ${version}; this program reads version ${FORMAT_VERSION}`);
  }
  if (header.readUInt32BE(16) !== crc32(header.subarray(0, 16))) {
    throw new StorageError(`${name} is damaged in its header`);
  }
  return header.readUInt32BE(12);
}

/** Frames one batch of payloads that starts at `start`; it counts only once its last frame is there. */
export function frameBatch(salt: number, start: number, payloads: Buffer[]): Buffer {
  const parts: Buffer[] = [];
  payloads.forEach((payload, i) => {
    const head = Buffer.alloc(FRAME_BYTES);
    head.writeUInt32BE(salt, 0);
    head.writeUInt32BE(payload.length, 8);
    head.writeUInt8(i === payloads.length - 1 ? 1 : 0, 12);
    head.writeUIntBE(start, 13, 6);
    head.writeUInt32BE(crc32(payload, crc32(head.subarray(CHECKED))), 4);
    parts.push(head, payload);
  });
  return Buffer.concat(parts);
}

interface Frame {
  end: number;
  last: boolean;
  batchStart: number;
  payload: Buffer;
}

/** Reads a file through a window, so that a large one is never in memory as a whole. */
class Window {
  private bytes = Buffer.alloc(0);
  private start = 0;

  constructor(
    private readonly fd: number,
    readonly size: number,
  ) {}

  at(offset: number, length: number): Buffer | undefined {
    if (offset + length > this.size) return undefined;
    if (offset < this.start || offset + length > this.start + this.bytes.length) {
      const wanted = Math.min(Math.max(length, WINDOW), this.size - offset);
      this.bytes = Buffer.alloc(wanted);
      readSync(this.fd, this.bytes, 0, wanted, offset);
      this.start = offset;
    }
    return this.bytes.subarray(offset - this.start, offset - this.start + length);
  }
}

function frameAt(window: Window, salt: number, offset: number): Frame | undefined {
  const head = window.at(offset, FRAME_BYTES);
  if (!head || head.readUInt32BE(0) !== salt) return undefined;
  const size = FRAME_BYTES + head.readUInt32BE(8);
  const bytes = size > FRAME_BYTES + MAX_PAYLOAD ? undefined : window.at(offset, size);
  if (!bytes || bytes.readUInt32BE(4) !== crc32(bytes.subarray(CHECKED))) return undefined;
  return {
    end: offset + size,
    last: bytes.readUInt8(12) === 1,
    batchStart: bytes.readUIntBE(13, 6),
    payload: bytes.subarray(FRAME_BYTES),
  };
}

/**
 * Hands every payload of every complete batch to `apply` and answers where the last of them ends. What is torn at the
 * end was never acknowledged and is left out.
 * @throws StorageError if a batch is damaged that others were written after: it had been acknowledged.
 */
export function readBatches(
  fd: number,
  size: number,
  name: string,
  salt: number,
  apply: (payload: Buffer) => void,
): number {
  const window = new Window(fd, size);
  let end = HEADER_BYTES;
  let offset = HEADER_BYTES;
  let batch: Buffer[] = [];
  for (;;) {
    const frame = frameAt(window, salt, offset);
    if (!frame || frame.batchStart !== end) break;
    offset = frame.end;
    batch.push(Buffer.from(frame.payload));
    if (!frame.last) continue;
    batch.forEach(apply);
    batch = [];
    end = offset;
  }
  if (laterBatch(window, salt, end)) {
    throw new StorageError(
      `${name} is damaged at byte ${offset}: acknowledged writes behind it cannot be read in order`,
    );
  }
  return end;
}

/** Whether a sound frame of a batch that starts after `end` follows. */
function laterBatch(window: Window, salt: number, end: number): boolean {
  const mark = Buffer.alloc(4);
  mark.writeUInt32BE(salt);
  for (let at = end; at < window.size;) {
    const piece = window.at(at, Math.min(WINDOW, window.size - at));
    const found = piece?.indexOf(mark) ?? -1;
    if (!piece || found < 0) {
      at += WINDOW - 3;
      continue;
    }
    const frame = frameAt(window, salt, at + found);
    if (frame && frame.batchStart > end) return true;
    at += found + 1;
  }
  return false;
}
