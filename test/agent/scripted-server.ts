import { Server, ServerCredentials, status, type ServerDuplexStream } from '@grpc/grpc-js';
import {
  SupervisorLinkService,
  type AgentMessage,
  type Assignment,
  type Hello,
  type InstanceReport,
  type ServerMessage,
} from '../../src/generated/berth/link/v1/link.js';

type Stream = ServerDuplexStream<AgentMessage, ServerMessage>;

const WAIT_MS = 60_000;

/** The server's end of the link, saying what a test wants it to say. */
export class ScriptedServer {
  readonly hellos: Hello[] = [];
  /** Everything reported, in a hello or after it. */
  readonly reports: InstanceReport[] = [];
  heartbeats = 0;
  /** Streams that the agent has ended properly. */
  farewells = 0;
  /** The next connections are refused with this. */
  refusal?: status;
  port = 0;
  private readonly assigned = new Map<string, Assignment>();
  private readonly waiters = new Set<() => void>();
  private stream?: Stream;
  private server = new Server();

  async start(port: number): Promise<this> {
    this.server = new Server();
    this.server.addService(SupervisorLinkService, { connect: (stream: Stream) => this.connected(stream) });
    this.port = await new Promise((resolve, reject) => {
      this.server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
    return this;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  stop(): void {
    this.stream = undefined;
    this.server.forceShutdown();
  }

  /** Wants it, and says so at once where somebody listens. */
  assign(assignment: Assignment): void {
    this.assigned.set(`${assignment.plugin_id}@${assignment.version}`, assignment);
    this.stream?.write({ assignments: { snapshot: false, assigned: [assignment], removed: [] } });
  }

  remove(plugin_id: string, version: string): void {
    this.forget(plugin_id, version);
    this.stream?.write({ assignments: { snapshot: false, assigned: [], removed: [{ plugin_id, version }] } });
  }

  /** Does not want it any more, and says nothing: the next snapshot does. */
  forget(plugin_id: string, version: string): void {
    this.assigned.delete(`${plugin_id}@${version}`);
  }

  /** Cuts the connection; the agent comes back. */
  cut(): void {
    this.stream?.emit('error', { code: status.UNAVAILABLE, details: 'cut' });
  }

  /** The first report from `since` on that matches, now or later. */
  report(wanted: Partial<InstanceReport>, since = 0): Promise<InstanceReport> {
    return this.until(`report ${JSON.stringify(wanted)}`, () =>
      this.reports.slice(since).find((report) => matches(report, wanted)),
    );
  }

  hello(count = 1): Promise<Hello> {
    return this.until(`hello number ${count}`, () => this.hellos[count - 1]);
  }

  /** Waits until something is there. */
  until<T>(what: string, look: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiters.delete(check);
        const seen = this.reports.map(({ phase, incarnation, reason }) => `${phase}#${incarnation} ${reason ?? ''}`);
        reject(new Error(`Waited in vain for ${what}; reports: ${seen.join(' | ')}`));
      }, WAIT_MS);
      const check = (): void => {
        const found = look();
        if (found === undefined) return;
        clearTimeout(timer);
        this.waiters.delete(check);
        resolve(found);
      };
      this.waiters.add(check);
      check();
    });
  }

  private connected(stream: Stream): void {
    if (this.refusal !== undefined) {
      stream.emit('error', Object.assign(new Error('refused'), { code: this.refusal, details: 'as the test says' }));
      return;
    }
    stream.on('data', (message: AgentMessage) => this.receive(stream, message));
    stream.on('error', () => undefined);
    stream.on('end', () => {
      this.farewells += 1;
      stream.end();
      this.tell();
    });
  }

  private receive(stream: Stream, { hello, heartbeat, report }: AgentMessage): void {
    if (hello) {
      this.hellos.push(hello);
      this.reports.push(...(hello.instances ?? []));
      this.stream = stream;
      const welcome = { supervisor_id: 'supervisor-000000000001', epoch: this.hellos.length, lease_ms: 3_000 };
      stream.write({ welcome: { ...welcome, heartbeat_interval_ms: 200 } });
      stream.write({ assignments: { snapshot: true, assigned: [...this.assigned.values()], removed: [] } });
    }
    if (heartbeat) this.heartbeats += 1;
    if (report) this.reports.push(report);
    this.tell();
  }

  private tell(): void {
    for (const waiter of this.waiters) waiter();
  }
}

function matches(report: InstanceReport, wanted: Partial<InstanceReport>): boolean {
  return Object.entries(wanted).every(([name, value]) => report[name as keyof InstanceReport] === value);
}
