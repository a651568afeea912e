import { get, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { transports } from '../support/caller.js';
import { type SharedDatabase, startDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { processAt } from '../support/processes.js';
import { ServerProcess } from '../support/server-process.js';

const version = '1.2.2';
const domain_id = 'domain-a';
const command = ['node', 'dist/examples/plugins/plugin-aws-sns-mon-webhook/main.js', version];
/** Each has a test of its own. */
const catalog = {
  plugins: ['plugin-told', 'plugin-recovered'].map((plugin_id) => ({
    plugin_id,
    resource_type: 'monitoring.Webhook',
    versions: [{ version, process: { command } }],
  })),
};

type Row = Record<string, string>;

let database: SharedDatabase;
let server: ServerProcess;

beforeAll(async () => {
  database = await startDatabase();
  server = await ServerProcess.start({ catalog, env: { MONGODB_URI: database.uri } });
});
afterAll(async () => {
  // It ends streams when it stops.
  const stream = await new Stream().open(`domain_id=${domain_id}`);
  expect(stream.status).toBe(200);
  expect(await server.kill('SIGTERM')).toBe(0);
  expect(stream.ended).toBe(true);
  await server.stop();
  await database.close();
});

const list = async (match: object = {}, from = server): Promise<Row[]> =>
  (await from.call.ok('grpc', 'event.list', { domain_id, ...match }))['results'] as Row[];

/** Changes of state, the oldest first; news of what is still on its way is left out. */
const told = (rows: readonly Row[]) =>
  rows
    .filter(({ from, to }) => from !== to)
    .map(({ from, to, by }) => `${from}>${to} ${by}`)
    .reverse();

/** Reads a stream of events until it is closed. */
class Stream {
  readonly events: (Row & { id: string })[] = [];
  private response?: IncomingMessage;

  async open(query: string, headers: Record<string, string> = {}): Promise<this> {
    const url = `${server.http}/berth/v1/event/stream?${query}`;
    this.response = await new Promise<IncomingMessage>((resolve, reject) =>
      get(url, { headers }, resolve).once('error', reject),
    );
    let text = '';
    this.response.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      const parts = text.split('\n\n');
      text = parts.pop() ?? '';
      for (const each of parts) this.take(each);
    });
    this.response.on('error', () => undefined);
    return this;
  }

  get status(): number | undefined {
    return this.response?.statusCode;
  }

  get ended(): boolean {
    return this.response?.complete === true;
  }

  close(): void {
    this.response?.destroy();
  }

  private take(message: string): void {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(message)?.[1];
    const data = field('data');
    if (data !== undefined) this.events.push({ ...(JSON.parse(data) as Row), id: field('id') ?? '' });
  }
}

it('tells what became of a plugin, from its first start to its replacement, whoever reads', async () => {
  const plugin_id = 'plugin-told';
  const wanted = { plugin_id, version, domain_id };
  const live = await new Stream().open(`domain_id=${domain_id}&plugin_id=${plugin_id}`);
  const foreign = await new Stream().open(`domain_id=domain-b&plugin_id=${plugin_id}`);
  await server.call.ok('grpc', 'get_plugin_endpoint', wanted);
  const [{ supervisor_id } = {}] = await eventually(async () => {
    const found = await list({ plugin_id });
    expect(found).not.toEqual([]);
    return found;
  });
  await server.call.ok('rest', 'notify_failure', { ...wanted, supervisor_id });
  const { endpoint } = await server.call.ok('grpc', 'get_plugin_endpoint', wanted);
  process.kill(processAt(String(endpoint)), 'SIGKILL');
  const rows = await eventually(async () => {
    const found = await list({ plugin_id });
    expect(told(found)).toHaveLength(6);
    return found;
  });
  expect(told(rows)).toEqual([
    '>PROVISIONING CALLER',
    'PROVISIONING>ACTIVE SUPERVISOR_ITSELF',
    'ACTIVE>RE_PROVISIONING CALLER',
    'RE_PROVISIONING>ACTIVE SUPERVISOR_ITSELF',
    'ACTIVE>RE_PROVISIONING SUPERVISOR_ITSELF',
    'RE_PROVISIONING>ACTIVE SUPERVISOR_ITSELF',
  ]);
  const [death, complaint] = rows.filter(({ from, to }) => from === 'ACTIVE' && to === 'RE_PROVISIONING');
  expect(complaint).toMatchObject({ reason: 'a caller reported a failure', generation: 2 });
  expect(death).toMatchObject({ reason: expect.stringContaining('SIGKILL') as string, generation: 2 });
  await eventually(() =>
    expect(live.events.map(({ event_id }) => event_id)).toEqual(rows.map(({ event_id }) => event_id).reverse()),
  );
  expect(live.events.every(({ id, event_id }) => id === event_id)).toBe(true);
  expect(foreign.events).toEqual([]);
  expect(await list({ plugin_id, domain_id: 'domain-b' })).toEqual([]);
  live.close();
  foreign.close();

  const third = rows.find(({ reason }) => reason === 'a caller reported a failure');
  const again = await new Stream().open(`domain_id=${domain_id}&plugin_id=${plugin_id}`, {
    'last-event-id': String(third?.['event_id']),
  });
  await eventually(() => expect(told([...again.events].reverse())).toEqual(told(rows).slice(3)));
  again.close();
});

it('pages from the newest to the oldest', async () => {
  const own = { domain_id: 'domain-paged' };
  const { supervisor_id } = await server.call.ok('rest', 'publish', { ...own, hostname: 'host-1', name: 'one' });
  for (let round = 0; round < 4; round++) {
    await server.call.ok('rest', 'disable', { supervisor_id, ...own });
    await server.call.ok('rest', 'enable', { supervisor_id, ...own });
  }
  const all = await eventually(async () => {
    const found = await list(own);
    expect(found).toHaveLength(9);
    return found;
  });
  const pages: Row[][] = [];
  for (let before = ''; pages.at(-1)?.length !== 0; before = pages.at(-1)?.at(-1)?.['event_id'] ?? before) {
    pages.push(await list({ ...own, limit: 4, ...(before !== '' && { before }) }));
  }
  expect(pages.map(({ length }) => length)).toEqual([4, 4, 1, 0]);
  expect(pages.flat()).toEqual(all);
});

it('tells what became of supervisors, to their own domain, and what they do not run any more', async () => {
  const { supervisor_id } = await server.call.ok('rest', 'publish', { domain_id, hostname: 'host-1', name: 'one' });
  await server.call.ok('rest', 'disable', { supervisor_id, domain_id });
  await server.call.ok('rest', 'enable', { supervisor_id, domain_id });
  await server.call.ok('rest', 'deregister', { supervisor_id, domain_id });
  const rows = await eventually(async () => {
    const found = await list({ supervisor_id });
    expect(found[0]).toMatchObject({
      kind: 'SUPERVISOR',
      to: 'REMOVED',
      by: 'CALLER',
      reason: 'deregister was called',
    });
    return found;
  });
  expect(told(rows)).toEqual([
    '>ENABLED SUPERVISOR_ITSELF',
    'ENABLED>DISABLED CALLER',
    'DISABLED>ENABLED CALLER',
    'ENABLED>REMOVED CALLER',
  ]);
  expect(await list({ supervisor_id, domain_id: 'domain-b' })).toEqual([]);
});

it('loses nothing that happens right before the process is killed', async () => {
  const plugin_id = 'plugin-recovered';
  const wanted = { plugin_id, version, domain_id };
  await server.call.ok('grpc', 'get_plugin_endpoint', wanted);
  const before = await eventually(async () => {
    const found = await list({ plugin_id });
    expect(found[0]).toMatchObject({ to: 'ACTIVE' });
    return found;
  });
  await server.call.ok('grpc', 'recover_plugin', { ...wanted, supervisor_id: before[0]?.['supervisor_id'] });
  await server.kill('SIGKILL');
  server = await ServerProcess.start({ directory: server.directory, catalog, env: { MONGODB_URI: database.uri } });
  await eventually(async () => {
    const rows = (await list({ plugin_id })).slice(0, -before.length);
    expect(told(rows)[0]).toBe('ACTIVE>RE_PROVISIONING CALLER');
  });
});

it('refuses what it cannot answer, alike on both transports', async () => {
  for (const transport of transports) {
    expect(await server.call.send(transport, 'event.list', { domain_id, limit: 1_001 })).toMatchObject({
      code: 'ERROR_INVALID_PARAMETER',
      message: expect.stringContaining('limit') as string,
    });
    expect(await server.call.send(transport, 'event.list', {})).toMatchObject({ code: 'ERROR_REQUIRED_PARAMETER' });
  }
  expect((await new Stream().open('plugin_id=a')).status).toBe(400);
  expect((await new Stream().open('domain_id=a&plugin=b')).status).toBe(400);
});
