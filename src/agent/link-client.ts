import { status } from '@grpc/grpc-js';
import type { Assignments, Hello, InstanceReport, Welcome } from '../generated/berth/link/v1/link.js';
import { Backoff } from './backoff.js';
import { sleep, type Clock } from './clock.js';
import type { LinkCredentials } from '../config/agent.config.js';
import { readCredentials } from './link-credentials.js';
import { LinkSession, type SessionEnd } from './link-session.js';
import type { LinkTimings } from './link-options.js';
import { remedyFor } from './link-refusal.js';
import { Log } from './log.js';

export interface LinkHandlers {
  /** All that the server should know at the moment of connecting. */
  hello(): Hello;
  welcomed(welcome: Welcome): void;
  assignments(assignments: Assignments): void;
}

export interface LinkContext {
  /** `host:port` */
  readonly server: string;
  readonly credentials: LinkCredentials;
  readonly clock: Clock;
  readonly random: () => number;
  readonly timings: LinkTimings;
}

/** Keeps a connection to the server for as long as the agent lives, opening a new one whenever it breaks. */
export class LinkClient {
  private readonly log = new Log('Link');
  private readonly backoff: Backoff;
  private readonly stopping = new AbortController();
  private session?: LinkSession;
  private loop: Promise<void> = Promise.resolve();
  private failures = 0;

  constructor(
    private readonly context: LinkContext,
    private readonly handlers: LinkHandlers,
  ) {
    const { reconnectMinMs, reconnectMaxMs } = context.timings;
    this.backoff = new Backoff(reconnectMinMs, reconnectMaxMs, context.random);
  }

  /** Connects, in the background. */
  start(): void {
    this.loop = this.stayConnected();
  }

  /** Tells the server; while there is no connection, the next hello does. */
  report(report: InstanceReport): void {
    this.session?.report(report);
  }

  /** Sends what waits, and ends the connection. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.session?.end();
    await this.loop;
  }

  private async stayConnected(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const end = await this.connect();
      this.session = undefined;
      if (this.stopping.signal.aborted) return;
      await sleep(this.context.clock, this.pauseAfter(end), this.stopping.signal);
    }
  }

  /** One connection, from its credentials to its end. */
  private async connect(): Promise<SessionEnd> {
    const { clock, server, timings } = this.context;
    try {
      const identity = await readCredentials(this.context.credentials);
      if (this.stopping.signal.aborted) return { code: status.CANCELLED, details: 'the agent is ending' };
      this.session = new LinkSession({ server, identity, clock, timings }, this.handlers.hello(), {
        welcomed: (welcome) => this.welcomed(welcome),
        assignments: (assignments) => this.handlers.assignments(assignments),
      });
      return await this.session.ended;
    } catch (error) {
      return { code: status.UNAUTHENTICATED, details: (error as Error).message };
    }
  }

  private welcomed(welcome: Welcome): void {
    this.failures = 0;
    this.backoff.reset();
    const { supervisor_id, epoch } = welcome;
    this.log.info('connected', undefined, { server: this.context.server, supervisor_id, epoch });
    this.handlers.welcomed(welcome);
  }

  private pauseAfter({ code, details }: SessionEnd): number {
    const reason = code === status.OK ? 'the server has ended the connection' : `${status[code]}: ${details}`;
    const { server, timings, random } = this.context;
    const remedy = remedyFor(code);
    if (remedy) {
      const pause = Math.round(timings.refusedRetryMs * (0.75 + random() / 2));
      this.log.error('the server refuses this agent', reason, { server, remedy, next_try_in_ms: pause });
      return pause;
    }
    const pause = this.backoff.delay();
    this.failures += 1;
    // The first says that it broke, each tenth that it still is: at three seconds apiece more would be noise.
    const tell = this.failures === 1 || this.failures % 10 === 0;
    const fields = { server, attempt: this.failures, next_try_in_ms: pause };
    if (tell) this.log.warn('not connected; instances run on', reason, fields);
    else this.log.debug('not connected', reason, fields);
    return pause;
  }
}
