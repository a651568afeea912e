import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Dispatcher } from '../../src/embedded-mongo/dispatcher.js';
import { type SharedDatabase, startDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { PollingSupervisor } from '../support/polling-supervisor.js';
import { ServerProcess } from '../support/server-process.js';

type Command = Readonly<Record<string, unknown>>;
type Filter = Readonly<Record<string, unknown>>;

/** Once, at the start: every process has all supervisors in memory, and goes on after the newest event there is. */
const readWhole = ['supervisors {}', 'events {}'];

const request = { plugin_id: 'plugin-aws-sns-mon-webhook', version: '1.2.2', domain_id: 'domain-a' };

/** What was looked for in which collection, by the text of both. */
const searches = new Map<string, { collection: string; command: Command }>();
let database: SharedDatabase;

beforeAll(async () => {
  const dispatch = vi.spyOn(Dispatcher.prototype, 'dispatch');
  database = await startDatabase();
  await useEverything();
  for (const [command] of dispatch.mock.calls) note(command);
  dispatch.mockRestore();
});
afterAll(() => database.close());

/** Calls, reports, and what goes on in the background of a server; then another one that starts on the same database. */
async function useEverything(): Promise<void> {
  const env = {
    MONGODB_URI: database.uri,
    BERTH_IDLE_TTL: '1000',
    BERTH_ENDPOINT_LEASE: '1000',
    BERTH_HEARTBEAT_INTERVAL: '200',
    BERTH_SUPERVISOR_LEASE: '9000',
  };
  const server = await ServerProcess.start({ env });
  const { call } = server;
  try {
    await call.ok('grpc', 'get_plugin_endpoint', request);
    await call.ok('grpc', 'get_plugin_endpoint', { ...request, upgrade_mode: 'AUTO' });
    await call.ok('grpc', 'get_plugin_metadata', request, { x_domain_id: 'domain-a' });
    const { results } = await call.ok('grpc', 'list_plugins', { domain_id: 'domain-a' });
    const [{ supervisor_id } = {}] = results as { supervisor_id?: string }[];
    await call.ok('grpc', 'notify_failure', { ...request, supervisor_id });
    await call.ok('grpc', 'get_plugin_endpoint', request);
    const supervisor = new PollingSupervisor({ call, domainId: 'domain-b' });
    await supervisor.cycle();
    await supervisor.cycle();
    await eventually(async () => {
      expect(await database.db.collection('installed_plugin_refs').countDocuments({ domain_id: 'domain-a' })).toBe(0);
    }, 30_000);
    await call.ok('grpc', 'get_plugin_endpoint', request);
  } finally {
    await server.stop();
  }
  await (await ServerProcess.start({ env: { ...env, BERTH_AGENT: 'none' } })).stop();
}

function note(command: Command): void {
  const [name = ''] = Object.keys(command);
  const collection = String(command[name]);
  const add = (filter: unknown, explained: Command = { find: collection, filter }) =>
    searches.set(`${collection} ${shapeOf(filter ?? {})}`, { collection, command: explained });
  if (command['$db'] !== 'berth') return;
  switch (name) {
    case 'find':
      return void add(command['filter']);
    case 'count':
    case 'distinct':
    case 'findAndModify':
      return void add(command['query']);
    case 'update':
    case 'delete':
      for (const { q } of (command['updates'] ?? command['deletes']) as { q: Filter }[]) add(q);
      return;
    case 'aggregate': {
      const pipeline = command['pipeline'] as Filter[];
      if (pipeline[0]?.['$changeStream'] !== undefined) return;
      add(pipeline[0]?.['$match'], { aggregate: collection, pipeline, cursor: {} });
    }
  }
}

/** Fields and operators, without what they are compared with. */
function shapeOf(filter: unknown): string {
  return JSON.stringify(filter, (_, value: unknown) =>
    Array.isArray(value) || typeof value !== 'object' || value === null ? '?' : value,
  );
}

it('looks for everything by an index', async () => {
  const scanned: string[] = [];
  for (const [text, { command }] of searches) {
    const { queryPlanner } = (await database.db.command({ explain: command })) as {
      queryPlanner: { winningPlan: { stage: string } };
    };
    if (queryPlanner.winningPlan.stage === 'COLLSCAN') scanned.push(text);
  }
  expect(searches.size).toBeGreaterThan(15);
  expect(scanned.filter((text) => !readWhole.includes(text))).toEqual([]);
});
