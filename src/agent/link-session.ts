import { status, type ClientDuplexStream, type ServiceError, type StatusObject } from '@grpc/grpc-js';
import {
  SupervisorLinkClient,
  type AgentMessage,
  type Assignments,
  type Hello,
  type InstanceReport,
  type ServerMessage,
  type Welcome,
} from '../generated/berth/link/v1/link.js';
import type { Cancel, Clock } from './clock.js';
import type { LinkIdentity } from './link-credentials.js';
import { channelOptions, type LinkTimings } from './link-options.js';
import { Outbox } from './outbox.js';

export interface SessionHandlers {
  welcomed(welcome: Welcome): void;
  assignments(assignments: Assignments): void;
}

/** How a connection ended, as gRPC says it. */
export interface SessionEnd {
  readonly code: number;
  readonly details: string;
}

/** Where the server names none. */
const HEARTBEAT_DEFAULT_MS = 3_000;

export interface SessionContext {
  /** `host:port`, or `unix:path` */
  readonly server: string;
  readonly identity: LinkIdentity;
  readonly clock: Clock;
  readonly timings: LinkTimings;
}

/** One connection to the server, from hello to its end. It does not come back: whoever wants another opens one. */
export class LinkSession {
  /** Resolves with the reason when the connection has ended; never rejects. */
  readonly ended: Promise<SessionEnd>;
  private readonly clock: Clock;
  private readonly timings: LinkTimings;
  private readonly client: SupervisorLinkClient;
  private readonly stream: ClientDuplexStream<AgentMessage, ServerMessage>;
  private readonly outbox = new Outbox();
  private readonly welcomeTimer: Cancel;
  private heartbeatTimer: Cancel = () => undefined;
  private open = false;
  private blocked = false;
  private finish: (end: SessionEnd) => void = () => undefined;

  constructor(
    { server, identity, clock, timings }: SessionContext,
    hello: Hello,
    private readonly handlers: SessionHandlers,
  ) {
    this.clock = clock;
    this.timings = timings;
    this.client = new SupervisorLinkClient(server, identity.channel, channelOptions(server, timings));
    this.stream = this.client.connect(identity.metadata);
    this.ended = new Promise((resolve) => (this.finish = resolve));
    this.stream.on('error', (error: ServiceError) => this.finish(error));
    this.stream.on('status', (end: StatusObject) => this.finish(end));
    this.stream.on('data', (message: ServerMessage) => this.receive(message));
    this.stream.on('drain', () => {
      this.blocked = false;
      this.flush();
    });
    this.welcomeTimer = clock.after(timings.welcomeTimeoutMs, () => this.giveUp('the server has not said welcome'));
    void this.ended.then(() => this.close());
    this.stream.write({ hello });
  }

  /** Sends a report, after those before it; one that cannot be sent yet gives way to a newer one of its instance. */
  report(report: InstanceReport): void {
    this.outbox.put(report);
    this.flush();
  }

  /** Sends what waits and ends the stream; resolves when the server has closed it, or has taken too long to. */
  async end(): Promise<void> {
    this.flush();
    this.stream.end();
    const cancel = this.clock.after(this.timings.endTimeoutMs, () => this.stream.cancel());
    await this.ended;
    cancel();
  }

  private receive({ welcome, assignments }: ServerMessage): void {
    if (welcome) {
      this.welcomeTimer();
      this.open = true;
      this.handlers.welcomed(welcome);
      this.beat(welcome.heartbeat_interval_ms || HEARTBEAT_DEFAULT_MS);
      this.flush();
    }
    if (assignments) this.handlers.assignments(assignments);
  }

  private beat(intervalMs: number): void {
    this.heartbeatTimer();
    this.heartbeatTimer = this.clock.after(intervalMs, () => {
      // Nothing is gained by queueing more of them behind a connection that does not move.
      if (!this.blocked) this.write({ heartbeat: {} });
      this.beat(intervalMs);
    });
  }

  private flush(): void {
    while (this.open && !this.blocked) {
      const report = this.outbox.take();
      if (!report) return;
      this.write({ report });
    }
  }

  private write(message: AgentMessage): void {
    if (this.stream.writable) this.blocked = !this.stream.write(message);
  }

  private giveUp(reason: string): void {
    this.finish({ code: status.DEADLINE_EXCEEDED, details: reason });
    this.stream.cancel();
  }

  private close(): void {
    this.open = false;
    this.welcomeTimer();
    this.heartbeatTimer();
    this.client.close();
  }
}
