import type { Socket } from 'node:net';
import type { Caller, Dispatcher } from './dispatcher.js';
import { MongoError, toMongoError } from './errors.js';
import { MessageReader, parseMessage, replyTo, type Request } from './wire.js';
import type { Doc } from './values.js';

/** A client that takes no answers is cut off once so much waits for it. */
const MAX_UNSENT_BYTES = 64 * 1024 * 1024;
/** A client that sends without waiting is read no further while so many of its requests are open. */
const MAX_OPEN_REQUESTS = 32;

/** One client: reads its requests and writes the answers. */
export class Connection implements Caller {
  private readonly reader = new MessageReader();
  private readonly closing = new Set<() => void>();
  private open = 0;

  constructor(
    private readonly socket: Socket,
    readonly connectionId: number,
    private readonly dispatcher: Dispatcher,
  ) {
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.receive(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      for (const action of this.closing) action();
    });
  }

  onClose(action: () => void): () => void {
    this.closing.add(action);
    return () => void this.closing.delete(action);
  }

  private receive(chunk: Buffer): void {
    try {
      for (const message of this.reader.add(chunk)) this.handle(message);
    } catch {
      // Nothing can be answered to bytes that are no message, and what follows them cannot be read.
      this.socket.destroy();
    }
  }

  private handle(message: Buffer): void {
    let request: Request;
    try {
      request = parseMessage(message);
    } catch (error) {
      if (!(error instanceof MongoError)) throw error;
      return this.send({ id: message.readInt32LE(4), legacy: false }, error.reply());
    }
    if (++this.open >= MAX_OPEN_REQUESTS) this.socket.pause();
    const { command, legacy } = request;
    const greeting = /^(hello|ismaster)$/i.test(Object.keys(command)[0] ?? '');
    if (legacy && !greeting) {
      return this.answer(request, new MongoError('UnsupportedOpQueryCommand', 'Unsupported OP_QUERY command').reply());
    }
    if (greeting && command['topologyVersion'] !== undefined) return this.watch(request);
    this.dispatcher.dispatch(command, this, (doc) => this.answer(request, doc), request.silent);
  }

  /**
   * Answers a client that watches whether the server is there: again and again where it allows that. So it hears of an
   * end by the end of the connection, and has nothing to write to a connection that has just ended.
   */
  private watch(request: Request): void {
    const { command, exhaust } = request;
    const tell = (): void => {
      this.dispatcher.dispatch(command, this, (doc) => {
        const more = exhaust && doc['ok'] === 1;
        if (!more) {
          clearInterval(timer);
          this.open--;
        }
        this.send(request, doc, more);
      });
    };
    const timer = setInterval(tell, awaitTime(command));
    this.closing.add(() => clearInterval(timer));
  }

  private answer(request: Request, doc: Doc): void {
    if (--this.open < MAX_OPEN_REQUESTS) this.socket.resume();
    if (!request.silent) this.send(request, doc);
  }

  private send(request: { id: number; legacy: boolean }, doc: Doc, more = false): void {
    if (this.socket.destroyed) return;
    let bytes: Buffer;
    try {
      bytes = replyTo(request, doc, more);
    } catch (error) {
      bytes = replyTo(request, toMongoError(error).reply());
    }
    this.socket.write(bytes);
    if (this.socket.writableLength > MAX_UNSENT_BYTES) this.socket.destroy();
  }
}

const LONGEST_AWAIT_MS = 60_000;

/** How long a hello may wait for news, in milliseconds. */
function awaitTime({ maxAwaitTimeMS }: Doc): number {
  const wanted = Number(maxAwaitTimeMS ?? 0);
  return wanted > 0 ? Math.min(wanted, LONGEST_AWAIT_MS) : 1;
}
