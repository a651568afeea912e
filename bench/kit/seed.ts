import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { startEmbeddedMongo } from '../../src/embedded-mongo/index.js';
import { ServerProcess } from '../../test/support/server-process.js';
import { bindingId, installedPluginId } from '../../src/installed-plugin/installed-plugin.js';

const SUPERVISOR = 'supervisor-bench';
/** How it is told from others. */
export const SEEDED_SUPERVISOR = { domain_id: 'domain-0', hostname: 'bench', name: 'bench' };
const DOMAINS = 1_000;
const BATCH = 1_000;
const VERSION = '1.0.0';

/** What a caller asks for to get the plugin of that number. */
export const requestFor = (at: number) => ({
  plugin_id: `plugin-${at}`,
  version: VERSION,
  domain_id: `domain-${at % DOMAINS}`,
});

/** A server has to believe a supervisor that is not there, for as long as a benchmark takes. */
export const SEEDED_ENV = {
  BERTH_AGENT: 'none',
  BERTH_LOG_LEVEL: 'warn',
  BERTH_HEARTBEAT_INTERVAL: '60000',
  BERTH_SUPERVISOR_LEASE: '600000',
};

/** Writes a supervisor and so many plugins, installed on it by the domains in turn, into a server's data directory. */
export async function seed(directory: string, plugins: number): Promise<void> {
  // A server makes its indexes when it first starts.
  await (await ServerProcess.start({ directory, env: SEEDED_ENV })).kill('SIGTERM');
  const database = await startEmbeddedMongo({ directory: join(directory, 'data', 'db') });
  const client = await MongoClient.connect(database.uri);
  try {
    const db = client.db('berth');
    await db.collection<{ _id: string }>('supervisors').insertOne(supervisor());
    for (let from = 0; from < plugins; from += BATCH) {
      const numbers = Array.from({ length: Math.min(BATCH, plugins - from) }, (_, at) => from + at);
      await db.collection<{ _id: string }>('installed_plugins').insertMany(numbers.map(installed));
      await db.collection<{ _id: string }>('installed_plugin_refs').insertMany(numbers.map(binding));
    }
  } finally {
    await client.close();
    await database.close();
  }
}

/** Long ago: what was just written is looked at again by a server that starts. */
const WRITTEN = new Date(Date.now() - 3_600_000);
const dates = { created_at: WRITTEN, updated_at: WRITTEN };

const supervisor = () => ({
  _id: SUPERVISOR,
  ...SEEDED_SUPERVISOR,
  state: 'ENABLED',
  is_public: true,
  priority: 10,
  labels: {},
  tags: {},
  announced: {},
  capacity: 0,
  registered: true,
  disabled: false,
  lost: false,
  silent: false,
  departed: false,
  linked: false,
  publishes: 0,
  published_at: null,
  publish_pauses: [],
  epoch: 1,
  lease_expires_at: new Date(Date.now() + 86_400_000),
  revision: 1,
  ...dates,
});

function installed(at: number) {
  const { plugin_id, version, domain_id } = requestFor(at);
  return {
    _id: installedPluginId(SUPERVISOR, plugin_id, version),
    supervisor_id: SUPERVISOR,
    supervisor_domain_id: SEEDED_SUPERVISOR.domain_id,
    plugin_id,
    version,
    domain_id,
    state: 'ACTIVE',
    state_reason: '',
    generation: 1,
    observed_generation: 1,
    after_incarnation: 0,
    incarnation: 1,
    epoch: 1,
    endpoints: [`grpc://10.0.${at >> 8}.${at & 255}:50051`],
    failed_endpoints: [],
    ready_at: WRITTEN,
    told: 0,
    told_at: 0,
    published: 0,
    restarts: 0,
    next_start_at: null,
    retiring: null,
    revision: 1,
    transitions: [
      { at: WRITTEN, revision: 1, from: '', to: 'ACTIVE', reason: 'it serves', generation: 1, by: 'supervisor' },
    ],
    ...dates,
  };
}

function binding(at: number) {
  const { plugin_id, version, domain_id } = requestFor(at);
  return {
    _id: bindingId({ domainId: domain_id, pluginId: plugin_id, version, selector: {} }),
    domain_id,
    plugin_id,
    version,
    selector: [],
    supervisor_id: SUPERVISOR,
    installed_plugin_id: installedPluginId(SUPERVISOR, plugin_id, version),
    called_at: new Date(),
    idle_since: null,
    revision: 1,
    ...dates,
  };
}
