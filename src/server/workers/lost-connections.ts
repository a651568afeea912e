import type { Worker } from 'node:cluster';
import type { EventEmitter } from 'node:events';

interface Handle {
  close(): void;
}

/** What node:cluster tells a worker, and is told by it, of a connection. Source: lib/internal/cluster of Node.js. */
interface Internal {
  readonly cmd?: string;
  readonly act?: string;
  readonly seq?: number;
  readonly ack?: number;
}

/**
 * Closes the connections that a worker was handed and had not taken when it died. Node.js waits for its word on them, and
 * keeps them open: whoever has opened them would wait for an answer for ever.
 */
export function closeLostConnections(worker: Worker): void {
  const { process } = worker;
  const handed = new Map<number, Handle>();
  const send = process.send.bind(process) as (...args: unknown[]) => boolean;
  process.send = (message: Internal, handle?: unknown, ...more: unknown[]) => {
    const { cmd, act, seq } = message;
    if (cmd === 'NODE_CLUSTER' && act === 'newconn' && seq !== undefined) handed.set(seq, handle as Handle);
    return send(message, handle, ...more);
  };
  (process as EventEmitter).on('internalMessage', ({ ack }: Internal) => {
    if (ack !== undefined) handed.delete(ack);
  });
  // What it has said last is read first.
  worker.once('exit', () => setImmediate(() => handed.forEach((handle) => handle.close())));
}
