import type { Answer, Caller, Transport } from '../../support/caller.js';

export interface Observation {
  /** When it was asked and when it was answered, in milliseconds of `performance.now()`. */
  readonly asked: number;
  readonly answered: number;
  readonly answer: Answer;
}

/** Asks again and again, as callers do, and keeps what it was told. */
export class Traffic {
  readonly seen: Observation[] = [];
  private stopped = false;
  private readonly running: Promise<void>;

  /** @param pause between an answer and the next question, in milliseconds */
  constructor(call: Caller, request: object, transport: Transport = 'grpc', pause = 20) {
    this.running = this.run(call, request, transport, pause);
  }

  async stop(): Promise<readonly Observation[]> {
    this.stopped = true;
    await this.running;
    return this.seen;
  }

  private async run(call: Caller, request: object, transport: Transport, pause: number): Promise<void> {
    while (!this.stopped) {
      const asked = performance.now();
      const answer = await call
        .send(transport, 'get_plugin_endpoint', request)
        .catch((error: Error): Answer => ({ status: 'UNREACHABLE', message: error.message }));
      this.seen.push({ asked, answered: performance.now(), answer });
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

export const endpointOf = ({ body }: Answer): string | undefined => body?.['endpoint'] as string | undefined;
