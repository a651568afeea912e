import { EJSON } from 'bson';
import type { Document } from 'mongodb';
import type { SharedDatabase } from './database.js';
import { ServerProcess } from './server-process.js';

const plugin_id = 'plugin-aws-sns-mon-webhook';
const domain_id = 'domain-1';

interface Host {
  /** The id that is printed. */
  readonly id: string;
  readonly name: string;
  readonly hostname: string;
  readonly labels?: string[];
  readonly tags: object;
}

const main: Host = {
  ...{ id: 'supervisor-525982f2ae9a', name: 'aws', hostname: 'host-1' },
  ...{ labels: ['zone=a'], tags: { team: 'x' } },
};
const spare = (number: number, labels: string[] = []): Host => ({
  ...{ id: `supervisor-00000000000${number}`, name: `spare-${number}`, hostname: `host-${number}` },
  ...{ labels, tags: {} },
});

/**
 * Makes, through the API, the supervisors and plugins that the examples of the documentation are about, and gives them
 * the ids that are printed.
 *
 * @param endpoint of a plugin that runs: its metadata is among the examples
 */
export async function documentedWorld(database: SharedDatabase, endpoint: string): Promise<void> {
  const server = await ServerProcess.start({
    env: { MONGODB_URI: database.uri, BERTH_AGENT: 'none', BERTH_SUPERVISOR_AUTO_ENABLE: 'false' },
  });
  const ids = new Map<string, string>();
  const act = (method: string, request: object) => server.call.ok('rest', method, { domain_id, ...request });
  const publish = async ({ id, ...host }: Host, plugin_info: object[] = []) => {
    const { supervisor_id } = await act('publish', { ...host, plugin_info });
    ids.set(String(supervisor_id), id);
    return { supervisor_id };
  };
  const accept = async (host: Host) => act('register', await publish(host));
  const serve = async (host: Host, labels: object, endpoints: Record<string, string>) => {
    const running = Object.entries(endpoints).map(([version, at]) => ({ plugin_id, version, endpoint: at }));
    let waiting = true;
    const asked = running.map(({ version }) => act('get_plugin_endpoint', { plugin_id, version, labels }));
    const served = Promise.all(asked).finally(() => (waiting = false));
    while (waiting) await publish(host, running);
    await served;
  };

  await accept(main);
  await serve(main, {}, { '1.2.2': 'grpc://endpoint-url:50051', '1.2.1': endpoint });
  await publish(spare(2));
  for (const number of [3, 4, 5, 6, 7]) await accept(spare(number));
  await act('disable', await publish(spare(7)));
  const other = spare(8, ['zone=r']);
  await accept(other);
  await serve(other, { zone: 'r' }, { '1.2.2': 'grpc://other-url:50051' });
  await server.stop();
  await rename(database, ids);
}

async function rename({ db }: SharedDatabase, names: ReadonlyMap<string, string>): Promise<void> {
  for (const { name } of await db.listCollections().toArray()) {
    const collection = db.collection(name);
    let text = EJSON.stringify(await collection.find().toArray(), { relaxed: false });
    for (const [from, to] of names) text = text.replaceAll(from, to);
    const documents = EJSON.parse(text, { relaxed: false }) as Document[];
    await collection.deleteMany({});
    if (documents.length > 0) await collection.insertMany(documents);
  }
}
