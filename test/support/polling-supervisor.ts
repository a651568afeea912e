import type { Caller, Transport } from './caller.js';
import { freePort } from './free-port.js';
import { PluginProcess } from './plugin-process.js';

/** A row of `list_plugins`, as far as a supervisor looks at it. */
export interface PolledRow {
  readonly plugin_id: string;
  readonly version: string;
  readonly state: string;
  readonly domain_id: string;
}

interface Local {
  readonly row: PolledRow;
  readonly plugin: PluginProcess;
}

export interface PollingOptions {
  readonly call: Caller;
  readonly domainId: string;
  readonly transport?: Transport;
  readonly hostname?: string;
  readonly name?: string;
  /** It tells the instances of a plugin version apart by nothing: whoever removes the old one removes the new one too. */
  readonly removesAll?: boolean;
  /** Runs after each step of a replacement, as a publisher with a clock of its own does. */
  readonly betweenSteps?: () => Promise<unknown>;
  /** A replacement gets the address of what it replaces, as behind a Kubernetes service. */
  readonly sameAddress?: boolean;
}

/**
 * A supervisor as Cloudforet's own: without a link, it asks what it shall run, makes it so, and publishes what it runs.
 * Its plugins are real processes. Tests turn its cycles by hand.
 */
export class PollingSupervisor {
  /** What `list_plugins` answered, cycle by cycle. */
  readonly heard: PolledRow[][] = [];
  private locals: Local[] = [];
  /** Ports of plugins that keep their address. */
  private readonly ports = new Map<string, number>();
  private readonly transport: Transport;
  readonly identity: { name: string; hostname: string; domain_id: string };

  constructor(private readonly options: PollingOptions) {
    const { domainId, hostname = 'polling-1', name = 'polling', transport = 'grpc' } = options;
    this.transport = transport;
    this.identity = { name, hostname, domain_id: domainId };
  }

  /** Ids of the processes that it runs. */
  get pids(): number[] {
    return this.locals.map(({ plugin }) => plugin.pid);
  }

  get endpoints(): string[] {
    return this.locals.map(({ plugin }) => plugin.endpoint);
  }

  /** One cycle: list, deploy, replace, remove, publish. */
  async cycle(beforePublish: () => Promise<unknown> = async () => undefined): Promise<void> {
    await this.sync();
    await beforePublish();
    await this.publish();
  }

  /** The first half: it asks, and makes it so. */
  async sync(): Promise<void> {
    const { domain_id, hostname } = this.identity;
    const { results } = await this.send('list_plugins', { domain_id, hostname });
    const rows = (results ?? []) as PolledRow[];
    this.heard.push(rows);
    for (const row of rows) {
      const old = this.locals.filter((local) => isOf(local, row));
      if (row.state === 'RE_PROVISIONING' || row.state === 'ERROR') {
        if (this.options.sameAddress) await this.remove(old);
        await this.deploy(row);
        await this.options.betweenSteps?.();
        await this.remove(this.options.removesAll ? this.locals.filter((local) => isOf(local, row)) : old);
        await this.options.betweenSteps?.();
      }
    }
    for (const row of rows) if (!this.locals.some((local) => isOf(local, row))) await this.deploy(row);
    await this.remove(this.locals.filter((local) => !rows.some((row) => isOf(local, row))));
  }

  /** The second half; a publisher of its own runs it in between as well. */
  publish(): Promise<Record<string, unknown>> {
    return this.send('publish', {
      ...this.identity,
      tags: { made_by: 'test' },
      plugin_info: this.locals.map(({ row, plugin: { alive, endpoint } }) => ({
        plugin_id: row.plugin_id,
        version: row.version,
        state: alive ? 'ACTIVE' : 'ERROR',
        endpoint,
        endpoints: [endpoint],
      })),
    });
  }

  /** Forgets what it runs without telling anybody, as after a crash of its host. */
  async lose(): Promise<void> {
    await this.remove(this.locals);
  }

  private send(method: string, request: object): Promise<Record<string, unknown>> {
    return this.options.call.ok(this.transport, method, request);
  }

  private async deploy(row: PolledRow): Promise<void> {
    const plugin = await PluginProcess.start(row.version, await this.portFor(`${row.plugin_id}@${row.version}`));
    this.locals = [...this.locals, { row, plugin }];
  }

  private async remove(locals: readonly Local[]): Promise<void> {
    this.locals = this.locals.filter((local) => !locals.includes(local));
    await Promise.all(locals.map(({ plugin }) => plugin.kill()));
  }

  private async portFor(key: string): Promise<number> {
    const known = this.options.sameAddress ? this.ports.get(key) : undefined;
    const port = known ?? (await freePort());
    this.ports.set(key, port);
    return port;
  }
}

function isOf({ row }: Local, { plugin_id, version }: PolledRow): boolean {
  return row.plugin_id === plugin_id && row.version === version;
}
