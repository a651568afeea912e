import type { Client, ClientDuplexStream } from '@grpc/grpc-js';
import {
  type AgentMessage,
  type Assignments,
  type InstanceReport,
  InstanceReport_Phase as Phase,
  type ServerMessage,
  SupervisorLinkService,
} from '../../src/generated/berth/link/v1/link.js';
import { eventually } from '../support/eventually.js';
import { addressOfNobody, Instance } from './instances.js';

type Stream = ClientDuplexStream<AgentMessage, ServerMessage>;

export interface AgentIdentity {
  readonly domainId: string;
  readonly hostname: string;
}

/**
 * A supervisor agent that does all that the link asks of one, with plugins that exist only in its memory: so it starts,
 * loses and replaces them as quickly as a test can ask for it.
 */
export class ScriptedAgent {
  supervisorId = '';
  private readonly instances = new Map<string, Instance>();
  /** The last incarnation of each plugin: an agent keeps them over its restarts. */
  private readonly counts = new Map<string, number>();
  private stream?: Stream;

  constructor(private readonly identity: AgentIdentity) {}

  get hostname(): string {
    return this.identity.hostname;
  }

  get running(): readonly Instance[] {
    return [...this.instances.values()];
  }

  get connected(): boolean {
    return this.stream !== undefined;
  }

  /** Opens a connection; one that is open stays so, and does not count any more. Resolves when the server says welcome. */
  async connect(client: Client): Promise<void> {
    const { connect } = SupervisorLinkService;
    const stream: Stream = client.makeBidiStreamRequest(
      connect.path,
      connect.requestSerialize,
      connect.responseDeserialize,
    );
    this.stream = stream;
    let welcomed = false;
    let heartbeats: NodeJS.Timeout | undefined;
    stream.on('close', () => clearInterval(heartbeats));
    let failed: Error | undefined;
    stream.on('error', (error) => {
      failed = error;
      if (this.stream === stream) this.stream = undefined;
    });
    stream.on('end', () => stream.end());
    stream.on('data', ({ welcome, assignments }: ServerMessage) => {
      if (this.stream !== stream) return;
      if (welcome) {
        welcomed = true;
        this.supervisorId = welcome.supervisor_id ?? '';
        heartbeats = setInterval(
          () => stream.writable && stream.write({ heartbeat: {} }),
          welcome.heartbeat_interval_ms,
        );
      }
      if (assignments) this.apply(assignments);
    });
    const { domainId, hostname } = this.identity;
    const instances = this.running.map((instance) => reportOf(instance));
    stream.write({ hello: { domain_id: domainId, hostname, name: hostname, driver: 'process', instances } });
    await eventually(() => {
      if (!welcomed) throw failed ?? new Error('The server has not said welcome.');
    });
  }

  /** Says goodbye, as on SIGTERM with its instances left running. */
  leave(): void {
    this.stream?.end();
    this.stream = undefined;
  }

  /** The connection breaks; the instances run on. */
  cut(): void {
    this.stream?.cancel();
    this.stream = undefined;
  }

  /** Its host is gone, with all that it ran. */
  die(): void {
    this.cut();
    for (const key of [...this.instances.keys()]) this.end(key);
  }

  /** An instance dies, and is started anew without anybody asking. */
  crash(pluginId: string): void {
    for (const [key, instance] of [...this.instances]) {
      if (instance.pluginId !== pluginId) continue;
      this.end(key);
      this.tell({ ...reportOf(instance), phase: Phase.DOWN, reason: 'exit code 1', endpoints: [] });
      this.start(key, instance, instance.generation, instance.assignedAt);
    }
  }

  /**
   * Connects anew, and then says on the old connection, which should not count any more, that all plugins serve where
   * nobody does.
   *
   * @returns where that is
   */
  async speakFromThePast(client: Client): Promise<string> {
    const old = this.stream;
    await this.connect(client);
    const nowhere = addressOfNobody();
    for (const instance of this.running) {
      const lie = { ...reportOf(instance), incarnation: instance.incarnation + 100, endpoints: [nowhere] };
      if (old?.writable) old.write({ report: lie });
    }
    return nowhere;
  }

  private apply({ snapshot, assigned = [], removed = [] }: Assignments): void {
    const named = new Set(assigned.map((assignment) => keyOf(assignment)));
    for (const assignment of assigned) {
      const { assigned_at = 0, generation = 0, after_incarnation = 0 } = assignment;
      const key = keyOf(assignment);
      const instance = this.instances.get(key);
      if (instance && instance.assignedAt === assigned_at && instance.incarnation > after_incarnation) {
        instance.generation = generation;
        this.tell(reportOf(instance));
        continue;
      }
      if (instance) this.end(key);
      this.counts.set(key, Math.max(this.counts.get(key) ?? 0, after_incarnation));
      this.start(key, assignment, generation, assigned_at);
    }
    const gone = removed.map((key) => keyOf(key));
    if (snapshot) gone.push(...[...this.instances.keys()].filter((key) => !named.has(key)));
    for (const key of gone) {
      const instance = this.instances.get(key);
      this.end(key);
      if (instance) this.tell({ ...reportOf(instance), phase: Phase.STOPPED, endpoints: [] });
    }
  }

  private start(key: string, of: Partial<InstanceReport> | Instance, generation: number, assignedAt: number): void {
    const { pluginId, version } = of instanceof Instance ? of : { pluginId: of.plugin_id, version: of.version };
    const incarnation = (this.counts.get(key) ?? 0) + 1;
    this.counts.set(key, incarnation);
    const { domainId, hostname } = this.identity;
    const name = [domainId, hostname, pluginId ?? '', version ?? ''] as const;
    const instance = new Instance(...name, incarnation, generation, assignedAt);
    this.instances.set(key, instance);
    this.tell({ ...reportOf(instance), phase: Phase.STARTING, endpoints: [] });
    this.tell(reportOf(instance));
  }

  private end(key: string): void {
    this.instances.get(key)?.end();
    this.instances.delete(key);
  }

  private tell(report: InstanceReport): void {
    this.stream?.write({ report });
  }
}

const keyOf = ({ plugin_id, version }: Pick<InstanceReport, 'plugin_id' | 'version'>) => `${plugin_id}@${version}`;

function reportOf({ pluginId, version, assignedAt, generation, incarnation, endpoint }: Instance): InstanceReport {
  const endpoints = [endpoint];
  const of = { plugin_id: pluginId, version, assigned_at: assignedAt, generation };
  return { ...of, incarnation, phase: Phase.READY, endpoints };
}
