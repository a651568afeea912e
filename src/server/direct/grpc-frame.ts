import { status } from '@grpc/grpc-js';

/** What precedes each message: whether it is compressed, and its length. */
const PREFIX_BYTES = 5;
const LENGTH_AT = 1;

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
  private parts: Buffer[] = [];
  private bytes = 0;
  /** Of the message; -1 while its prefix has not come. */
  private length = -1;

  /** @param limit of the message, in bytes */
  constructor(private readonly limit: number) {}

  /** Returns what is wrong already. */
  add(part: Buffer): GrpcFault | undefined {
    this.bytes += part.length;
    this.parts.push(part);
    if (this.length < 0) {
      if (this.bytes < PREFIX_BYTES) return undefined;
      const start = this.joined();
      this.length = start.readUInt32BE(LENGTH_AT);
      if (start[0] !== 0) return fault(status.INTERNAL, 'the message is compressed, and no header says how');
      if (this.length > this.limit) {
        return fault(status.RESOURCE_EXHAUSTED, `the message has ${this.length} bytes, at most ${this.limit} are read`);
      }
    }
    return this.bytes > PREFIX_BYTES + this.length
      ? fault(status.UNIMPLEMENTED, 'more than one message was sent to a method that takes one')
      : undefined;
  }

  /** The message, once nothing more comes, or what is wrong with it. */
  end(): Buffer | GrpcFault {
    if (this.bytes === 0) return fault(status.UNIMPLEMENTED, 'no message was sent to a method that takes one');
    if (this.bytes !== PREFIX_BYTES + this.length) {
      return fault(status.INTERNAL, `the message ends after ${this.bytes} bytes, before its own end`);
    }
    return this.joined().subarray(PREFIX_BYTES);
  }

  private joined(): Buffer {
    const [first] = this.parts;
    if (first !== undefined && this.parts.length === 1) return first;
    const all = Buffer.concat(this.parts);
    this.parts = [all];
    return all;
  }
}

function fault(code: status, details: string): GrpcFault {
  return { code, details };
}
