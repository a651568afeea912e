import { constants, type IncomingHttpHeaders, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { Metadata, type MetadataValue, status } from '@grpc/grpc-js';
import { DETAILS_BYTES } from '../../common/errors/caller-error.js';
import { display } from '../../common/errors/errors.js';
import { keepEnds, percentEncodedBytes } from '../../common/text/clip.js';
import { frameOf, FrameReader, type GrpcFault } from './grpc-frame.js';

/** Node.js has no longer timers; who would wait for longer waits for as long as it takes. */
const MAX_TIMER = 2 ** 31 - 1;
const TIMEOUT = /^(\d{1,8})([HMSmun])$/;
const millisecondsOf: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
};

const answerHead = {
  ':status': 200,
  'content-type': 'application/grpc+proto',
  'grpc-accept-encoding': 'identity,deflate,gzip',
};
const okTrailers = { 'grpc-status': status.OK, 'grpc-message': 'OK' };

/** How the messages of a unary method are read and written, and who answers. */
export interface GrpcMethod {
  /** Never throws. */
  read(bytes: Buffer): unknown;
  write(message: unknown): Uint8Array;
  answer(call: GrpcCall): void;
}

/** Largest messages, in bytes. */
export interface GrpcLimits {
  readonly received: number;
  readonly sent: number;
}

const CALL = Symbol('berth:call');

/** Node.js keeps a stream for some time after its end: what belongs to the call must not stay with it. */
interface CallStream extends ServerHttp2Stream {
  [CALL]?: GrpcCall | undefined;
}

const listeners = {
  data(this: CallStream, part: Buffer): void {
    this[CALL]?.receive(part);
  },
  end(this: CallStream): void {
    this[CALL]?.serve();
  },
  wantTrailers(this: CallStream): void {
    this.sendTrailers(okTrailers);
  },
  close(this: CallStream): void {
    this[CALL]?.forget();
    this[CALL] = undefined;
  },
  /** Without somebody who listens it would end the process. The stream is closed after it, which is what there is to know. */
  error(): void {},
};

/** What the caller said besides the message, as a call of grpc-js tells it. */
class RequestMetadata implements Pick<Metadata, 'get'> {
  constructor(private readonly headers: IncomingHttpHeaders) {}

  get(name: string): MetadataValue[] {
    const value = this.headers[name];
    if (value === undefined) return [];
    if (name.endsWith('-bin')) return Metadata.fromHttp2Headers({ [name]: value }).get(name);
    return typeof value === 'string' ? [value] : value;
  }
}

/**
 * A unary call on the HTTP/2 stream that it came by. What grpc-js does around a stream takes as long as the stream itself.
 * Source: the protocol, https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
export class GrpcCall {
  /** The message. */
  request: unknown;
  readonly metadata: RequestMetadata;
  private readonly reader: FrameReader;
  private deadline = Infinity;
  private timer: NodeJS.Timeout | undefined;
  private answered = false;

  constructor(
    private readonly stream: CallStream,
    headers: IncomingHttpHeaders,
    private readonly method: GrpcMethod,
    private readonly limits: GrpcLimits,
  ) {
    this.metadata = new RequestMetadata(headers);
    this.reader = new FrameReader(limits.received);
    stream[CALL] = this;
    stream.on('error', listeners.error);
    stream.on('close', listeners.close);
    stream.on('data', listeners.data);
    stream.on('end', listeners.end);
    const timeout = headers['grpc-timeout'];
    if (timeout !== undefined) this.endAfter(String(timeout));
  }

  /** When the caller stops waiting, in milliseconds since 1970; Infinity when it did not say. */
  getDeadline(): number {
    return this.deadline;
  }

  /** Whether the caller does not wait any more, or has its answer. */
  get cancelled(): boolean {
    return this.answered || this.stream.destroyed || this.stream.closed;
  }

  once(_event: 'cancelled', listener: () => void): this {
    this.stream.once('close', listener);
    return this;
  }

  /** Once there is an answer, or nobody to answer, it changes nothing. */
  succeed(message: unknown): void {
    if (this.cancelled) return;
    let bytes: Uint8Array;
    try {
      bytes = this.method.write(message);
    } catch {
      return this.fail({ code: status.INTERNAL, details: 'the answer cannot be written' });
    }
    if (bytes.length > this.limits.sent) {
      const details = `the answer has ${bytes.length} bytes, at most ${this.limits.sent} are sent`;
      return this.fail({ code: status.RESOURCE_EXHAUSTED, details });
    }
    this.answered = true;
    this.stream.respond(answerHead, { waitForTrailers: true });
    this.stream.once('wantTrailers', listeners.wantTrailers);
    this.stream.end(frameOf(bytes));
  }

  /** Once there is an answer, or nobody to answer, it changes nothing. */
  fail({ code, details, metadata }: GrpcFault & { readonly metadata?: Metadata }): void {
    if (this.cancelled) return;
    this.answered = true;
    const headers: OutgoingHttpHeaders = {
      ...answerHead,
      'grpc-status': code,
      // Half a character that takes two is nothing that can be encoded.
      'grpc-message': encodeURI(keepEnds(Buffer.from(details).toString(), DETAILS_BYTES, percentEncodedBytes)),
      ...metadata?.toHttp2Headers(),
    };
    this.reader.clear();
    this.stream.respond(headers, { endStream: true });
    // Whoever has not ended its request need not: nothing of it is read any more.
    if (!this.stream.readableEnded) this.stream.close(constants.NGHTTP2_NO_ERROR);
  }

  /** To be called with what comes by the stream. */
  receive(part: Buffer): void {
    if (this.answered) return;
    const fault = this.reader.add(part);
    if (fault !== undefined) this.fail(fault);
  }

  /** To be called when all has come. */
  serve(): void {
    if (this.cancelled) return;
    const message = this.reader.end();
    if (!Buffer.isBuffer(message)) return this.fail(message);
    this.request = this.method.read(message);
    this.method.answer(this);
  }

  /** To be called when the stream has closed. */
  forget(): void {
    clearTimeout(this.timer);
    this.reader.clear();
  }

  private endAfter(timeout: string): void {
    const [, value, unit = ''] = TIMEOUT.exec(timeout) ?? [];
    const milliseconds = Number(value) * (millisecondsOf[unit] ?? NaN);
    if (Number.isNaN(milliseconds)) {
      return this.fail({
        code: status.INTERNAL,
        details: `grpc-timeout is no time (grpc-timeout = ${display(timeout)})`,
      });
    }
    this.deadline = Date.now() + milliseconds;
    if (milliseconds > MAX_TIMER) return;
    const details = `ERROR_REQUEST_TIMEOUT: Request timeout. (grpc-timeout = ${timeout})`;
    this.timer = setTimeout(() => this.fail({ code: status.DEADLINE_EXCEEDED, details }), milliseconds);
  }
}
