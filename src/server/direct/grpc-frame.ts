import { status } from '@grpc/grpc-js';

/** What precedes each message: whether it is compressed, and its length. */
const PREFIX_BYTES = 5;
const LENGTH_AT = 1;
const EMPTY = Buffer.alloc(0);

/** Why a call cannot be served, in the words of the transport. */
export interface GrpcFault {
  readonly code: status;
  readonly details: string;
}

/** A message as a stream carries it, not compressed. */
export function frameOf(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, LENGTH_AT);
  frame.set(message, PREFIX_BYTES);
  return frame;
}

/** Reads the one message that a unary call has, from a stream whose bytes are cut anywhere. */
export class FrameReader {
  /** What has come is its beginning. A caller who sends byte by byte would have kept an object for each. */
  private buffer: Buffer = EMPTY;
  private bytes = 0;

  /** @param limit of the message, in bytes */
  constructor(private readonly limit: number) {}

  /** Returns what is wrong already. */
  add(part: Buffer): GrpcFault | undefined {
    this.append(part);
    const { length } = this;
    if (length === undefined) return undefined;
    if (this.buffer[0] !== 0) return fault(status.INTERNAL, 'the message is compressed, and no header says how');
    if (length > this.limit) {
      return fault(status.RESOURCE_EXHAUSTED, `the message has ${length} bytes, at most ${this.limit} are read`);
    }
    return this.bytes > PREFIX_BYTES + length
      ? fault(status.UNIMPLEMENTED, 'more than one message was sent to a method that takes one')
      : undefined;
  }

  /** The message, once nothing more comes, or what is wrong with it. */
  end(): Buffer | GrpcFault {
    const { length, bytes } = this;
    if (bytes === 0) return fault(status.UNIMPLEMENTED, 'no message was sent to a method that takes one');
    if (length === undefined || bytes < PREFIX_BYTES + length) {
      return fault(status.INTERNAL, `the message ends after ${bytes} bytes, before its own end`);
    }
    return this.buffer.subarray(PREFIX_BYTES, bytes);
  }

  /** Lets go of what has come. */
  clear(): void {
    this.buffer = EMPTY;
    this.bytes = 0;
  }

  /** Of the message; undefined while its prefix has not come. */
  private get length(): number | undefined {
    return this.bytes < PREFIX_BYTES ? undefined : this.buffer.readUInt32BE(LENGTH_AT);
  }

  private append(part: Buffer): void {
    const bytes = this.bytes + part.length;
    // Most messages come whole: these are not copied.
    if (this.bytes === 0) this.buffer = part;
    else {
      if (bytes > this.buffer.length) {
        const larger = Buffer.allocUnsafe(Math.max(bytes, 2 * this.buffer.length));
        this.buffer.copy(larger, 0, 0, this.bytes);
        this.buffer = larger;
      }
      part.copy(this.buffer, this.bytes);
    }
    this.bytes = bytes;
  }
}

function fault(code: status, details: string): GrpcFault {
  return { code, details };
}
