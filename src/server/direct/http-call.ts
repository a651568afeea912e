import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';

/** What is known of a request, as Fastify's requests tell it. */
export class HttpRequest {
  /** What was sent, once all of it has come. */
  body: unknown;

  constructor(readonly raw: IncomingMessage) {}

  get method(): string {
    return this.raw.method ?? '';
  }

  get url(): string {
    return this.raw.url ?? '';
  }

  get headers(): IncomingHttpHeaders {
    return this.raw.headers;
  }
}

/**
 * Sends what was answered in one turn of the event loop at its end, together. Callers that are answered one by one fall
 * asleep in between, and to wake one takes as long as the rest of a request.
 */
export class Outbox {
  /** Whether no more requests are taken: connections end with the answers that they have waited for. */
  isLast = false;
  private replies: HttpReply[] = [];

  add(reply: HttpReply): void {
    if (this.replies.push(reply) === 1) setImmediate(() => this.empty());
  }

  private empty(): void {
    const { replies } = this;
    this.replies = [];
    for (const reply of replies) reply.leave();
  }
}

/** Answers a request with JSON, as Fastify's replies do. */
export class HttpReply {
  private code = 200;
  private headers: OutgoingHttpHeaders = { 'content-type': 'application/json; charset=utf-8' };
  private text: string | undefined;

  constructor(
    readonly raw: ServerResponse,
    private readonly outbox: Outbox,
  ) {
    // Without somebody who listens it would end the process: the caller has gone, and nobody is left to tell.
    raw.on('error', () => {});
  }

  status(code: number): this {
    this.code = code;
    return this;
  }

  header(name: string, value: string): this {
    this.headers[name] = value;
    return this;
  }

  /** @throws TypeError for what is no JSON; nothing is sent then */
  send(value: unknown): void {
    const text = value === undefined ? '' : JSON.stringify(value);
    if (this.text === undefined) this.outbox.add(this);
    this.text = text;
  }

  /** To be called by the outbox. */
  leave(): void {
    const { raw, text = '', headers } = this;
    if (raw.destroyed) return;
    headers['content-length'] = Buffer.byteLength(text);
    if (this.outbox.isLast) headers['connection'] = 'close';
    raw.writeHead(this.code, headers);
    raw.end(text);
  }
}

/** Calls back with all that the request sends; never, where the caller goes before. */
export function readWhole(request: IncomingMessage, done: (bytes: Buffer) => void): void {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    const [first] = parts;
    done(first !== undefined && parts.length === 1 ? first : Buffer.concat(parts));
  });
}
