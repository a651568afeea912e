import { decode, encodeReply } from './codec.js';
import { put, type Doc } from './values.js';

/** A message that cannot be answered: its connection is closed. */
export class ProtocolError extends Error {}

export const MAX_MESSAGE_BYTES = 48_000_000;
const HEADER_BYTES = 16;
const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const MORE_TO_COME = 2;
const EXHAUST_ALLOWED = 1 << 16;

/** A request: the command, and how it wants to be answered. */
export interface Request {
  id: number;
  command: Doc;
  /** Whether it came as the old OP_QUERY, which only greets. */
  legacy: boolean;
  /** Whether it wants no answer. */
  silent: boolean;
  /** Whether it takes more than one answer. */
  exhaust: boolean;
}

/** Cuts a stream of bytes into messages. */
export class MessageReader {
  private chunks: Buffer[] = [];
  private length = 0;

  /** The messages that are complete with these bytes. @throws ProtocolError for an impossible length */
  *add(chunk: Buffer): Generator<Buffer> {
    this.chunks.push(chunk);
    this.length += chunk.length;
    for (;;) {
      if (this.length < 4) return;
      const first = this.chunks[0] as Buffer;
      const size = (first.length >= 4 ? first : this.join()).readInt32LE(0);
      if (size < HEADER_BYTES + 5 || size > MAX_MESSAGE_BYTES)
        throw new ProtocolError(`message length ${size} is invalid`);
      if (this.length < size) return;
      const all = this.join();
      this.chunks = all.length > size ? [all.subarray(size)] : [];
      this.length = all.length - size;
      yield all.subarray(0, size);
    }
  }

  private join(): Buffer {
    const all = this.chunks.length === 1 ? (this.chunks[0] as Buffer) : Buffer.concat(this.chunks);
    this.chunks = [all];
    return all;
  }
}

/** Reads one message. @throws ProtocolError, or MongoError for a document that is none */
export function parseMessage(message: Buffer): Request {
  const id = message.readInt32LE(4);
  const opCode = message.readInt32LE(12);
  if (opCode === OP_MSG) return parseMsg(message, id);
  if (opCode === OP_QUERY) return parseQuery(message, id);
  throw new ProtocolError(`opcode ${opCode} is not supported`);
}

function parseMsg(message: Buffer, id: number): Request {
  const flags = message.readUInt32LE(HEADER_BYTES);
  // Checksums are not served, as no driver sends them.
  if ((flags & 0xffff & ~MORE_TO_COME) !== 0) throw new ProtocolError('unknown required flag in OP_MSG');
  const end = message.length;
  let command: Doc | undefined;
  const sequences: [string, Doc[]][] = [];
  for (let at = HEADER_BYTES + 4; at < end;) {
    const kind = message[at++];
    const size = at + 4 <= end ? message.readInt32LE(at) : -1;
    if (size < 5 || at + size > end) throw new ProtocolError('OP_MSG section length is invalid');
    const section = message.subarray(at, at + size);
    at += size;
    if (kind === 0 && !command) command = decode(section);
    else if (kind === 1) sequences.push(parseSequence(section));
    else throw new ProtocolError('OP_MSG has an invalid section');
  }
  if (!command) throw new ProtocolError('OP_MSG has no body section');
  for (const [name, docs] of sequences) {
    if (name in command) throw new ProtocolError(`OP_MSG has the field ${name} twice`);
    put(command, name, docs);
  }
  return { id, command, legacy: false, silent: (flags & MORE_TO_COME) !== 0, exhaust: (flags & EXHAUST_ALLOWED) !== 0 };
}

function parseSequence(section: Buffer): [string, Doc[]] {
  const nameEnd = section.indexOf(0, 4);
  if (nameEnd < 0) throw new ProtocolError('OP_MSG sequence has no name');
  const docs: Doc[] = [];
  for (let at = nameEnd + 1; at < section.length;) {
    const size = at + 4 <= section.length ? section.readInt32LE(at) : -1;
    if (size < 5 || at + size > section.length) throw new ProtocolError('OP_MSG sequence has an invalid document');
    docs.push(decode(section.subarray(at, at + size)));
    at += size;
  }
  return [section.toString('utf8', 4, nameEnd), docs];
}

function parseQuery(message: Buffer, id: number): Request {
  const nameEnd = message.indexOf(0, HEADER_BYTES + 4);
  const at = nameEnd + 9;
  if (nameEnd < 0 || at + 5 > message.length) throw new ProtocolError('OP_QUERY is cut short');
  const namespace = message.toString('utf8', HEADER_BYTES + 4, nameEnd);
  const command = decode(message.subarray(at, at + message.readInt32LE(at)));
  return {
    id,
    command: { ...command, $db: namespace.split('.')[0] ?? '' },
    legacy: true,
    silent: false,
    exhaust: false,
  };
}

let lastReply = 0;

/** The bytes of an answer. @param more whether another will follow unasked */
export function replyTo(request: { id: number; legacy: boolean }, doc: Doc, more = false): Buffer {
  const body = encodeReply(doc);
  const prefix = Buffer.alloc(request.legacy ? HEADER_BYTES + 20 : HEADER_BYTES + 5);
  lastReply = (lastReply + 1) & 0x7fffffff;
  prefix.writeInt32LE(prefix.length + body.length, 0);
  prefix.writeInt32LE(lastReply, 4);
  prefix.writeInt32LE(request.id, 8);
  prefix.writeInt32LE(request.legacy ? OP_REPLY : OP_MSG, 12);
  if (more) prefix.writeUInt32LE(MORE_TO_COME, HEADER_BYTES);
  // OP_REPLY: flag AwaitCapable, no cursor, from 0, one document.
  if (request.legacy) {
    prefix.writeInt32LE(8, HEADER_BYTES);
    prefix.writeInt32LE(1, HEADER_BYTES + 16);
  }
  return Buffer.concat([prefix, body]);
}
