import { Client, credentials } from '@grpc/grpc-js';
import { SupervisorLinkService } from '../../src/generated/berth/link/v1/link.js';
import type { Caller } from './caller.js';
import { eventually } from './eventually.js';

/** What the requests of a case may name: `$domain`, `$stranger`, `$supervisor`, `$endpoint`, …, and what each is. */
export type World = Readonly<Record<string, string>>;

export const PLUGIN = 'plugin-aws-sns-mon-webhook';
export const VERSION = '1.2.2';

export interface Ground {
  readonly call: Caller;
  /** `host:port` of the server, for the link. */
  readonly grpc: string;
  /** Where a plugin serves. */
  readonly endpoint: string;
}

type Answer = Record<string, unknown>;

let worlds = 0;

/** Builds, through the API alone, what a case starts from. Supervisors begin as PENDING where nobody accepts them. */
class Builder {
  readonly domain = `domain-${++worlds}`;
  readonly stranger = `stranger-${worlds}`;

  constructor(private readonly ground: Ground) {}

  async publish(changes: Answer = {}): Promise<string> {
    const answer = await this.do('publish', {
      name: 'one',
      hostname: 'host-1',
      labels: ['zone=a'],
      tags: { team: 'x' },
      domain_id: this.domain,
      ...changes,
    });
    return String(answer['supervisor_id']);
  }

  async enabled(changes: Answer = {}): Promise<string> {
    const id = await this.publish(changes);
    await this.act('register', id);
    return id;
  }

  act(method: string, id: string, changes: Answer = {}): Promise<Answer> {
    return this.do(method, { supervisor_id: id, domain_id: this.domain, ...changes });
  }

  /** One that was connected by a link and said goodbye. */
  async gone(registered: boolean): Promise<string> {
    const client = new Client(this.ground.grpc, credentials.createInsecure());
    const { connect } = SupervisorLinkService;
    const link = client.makeBidiStreamRequest(connect.path, connect.requestSerialize, connect.responseDeserialize);
    const id = await new Promise<string>((resolve, reject) => {
      link.on('data', ({ welcome }) => welcome?.supervisor_id !== undefined && resolve(welcome.supervisor_id));
      link.on('error', reject);
      link.write({ hello: { domain_id: this.domain, hostname: 'host-1', name: 'one' } });
    });
    if (registered) await this.act('register', id);
    link.end();
    await eventually(async () => {
      const { state } = await this.act('get', id);
      if (state !== 'DISCONNECTED') throw new Error(`It is ${String(state)}.`);
    });
    client.close();
    return id;
  }

  /** Has the plugin wanted by the domain; nobody waits for it. */
  async provision(domain = this.domain): Promise<void> {
    const request = { plugin_id: PLUGIN, version: VERSION, domain_id: domain };
    await eventually(async () => {
      await this.ground.call.send('grpc', 'get_plugin_endpoint', request, {}, Date.now() + 100);
      const { total_count } = await this.do('list_plugins', { domain_id: domain, plugin_id: PLUGIN });
      if (total_count !== 1) throw new Error('It is not written down yet.');
    });
  }

  /** An ENABLED supervisor that has published the plugin in the state. */
  async installed(state: string, changes: Answer = {}, asking = this.domain): Promise<string> {
    const id = await this.enabled();
    if (changes['is_public'] === true) await this.act('update', id, { is_public: true });
    await this.provision(asking);
    const { endpoints = [this.ground.endpoint] } = changes;
    await this.publish({ plugin_info: [{ plugin_id: PLUGIN, version: VERSION, state, endpoints }] });
    return id;
  }

  do(method: string, request: Answer): Promise<Answer> {
    return this.ground.call.ok('grpc', method, request);
  }
}

const builders = {
  nothing: async () => ({}),
  PENDING: async (b: Builder) => ({ $supervisor: await b.publish() }),
  ENABLED: async (b: Builder) => ({ $supervisor: await b.enabled() }),
  DISABLED: async (b: Builder) => {
    const id = await b.enabled();
    await b.act('disable', id);
    return { $supervisor: id };
  },
  DISCONNECTED: async (b: Builder) => ({ $supervisor: await b.gone(true) }),
  'DISCONNECTED, never registered': async (b: Builder) => ({ $supervisor: await b.gone(false) }),
  public: async (b: Builder) => {
    const id = await b.enabled();
    await b.act('update', id, { is_public: true });
    return { $supervisor: id };
  },
  /** Three of the domain, and a public one of the stranger. */
  several: async (b: Builder) => {
    const first = await b.enabled({ name: 'alpha', hostname: 'host-a', labels: ['zone=a', 'gpu'] });
    const second = await b.enabled({ name: 'beta', hostname: 'host-b', labels: ['zone=b'] });
    await b.act('disable', second);
    const third = await b.publish({ name: 'gamma', hostname: 'host-c', labels: ['zone=b'], tags: {} });
    const theirs = await b.publish({ name: 'root', hostname: 'host-r', domain_id: b.stranger });
    return { $first: first, $second: second, $third: third, $theirs: theirs };
  },
  PROVISIONING: async (b: Builder) => {
    const id = await b.enabled();
    await b.provision();
    return { $supervisor: id };
  },
  ACTIVE: async (b: Builder) => ({ $supervisor: await b.installed('ACTIVE') }),
  'ACTIVE twice': async (b: Builder, { endpoint }: Ground) => ({
    $supervisor: await b.installed('ACTIVE', { endpoints: [endpoint, 'grpc://127.0.0.1:2'] }),
  }),
  'ACTIVE, not there': async (b: Builder) => ({
    $supervisor: await b.installed('ACTIVE', { endpoints: ['grpc://127.0.0.1:1'] }),
  }),
  ERROR: async (b: Builder) => ({ $supervisor: await b.installed('ERROR') }),
  RE_PROVISIONING: async (b: Builder) => {
    const id = await b.installed('ACTIVE');
    await b.act('notify_failure', id, { plugin_id: PLUGIN, version: VERSION });
    return { $supervisor: id };
  },
  /** ACTIVE on a public supervisor of the domain, asked for by the stranger alone. */
  'ACTIVE for a stranger': async (b: Builder) => ({
    $supervisor: await b.installed('ACTIVE', { is_public: true }, b.stranger),
  }),
} satisfies Record<string, (b: Builder, ground: Ground) => Promise<World>>;

export type Given = keyof typeof builders;

/** What has a public supervisor in it, which every other world sees. */
export const seenByAll: ReadonlySet<Given> = new Set(['public', 'several', 'ACTIVE for a stranger']);

/** Makes a world that shares no domain with any other. */
export async function build(given: Given, ground: Ground): Promise<World> {
  const builder = new Builder(ground);
  const made: World = await builders[given](builder, ground);
  const { domain: $domain, stranger: $stranger } = builder;
  return { ...made, $domain, $stranger, $endpoint: ground.endpoint };
}
