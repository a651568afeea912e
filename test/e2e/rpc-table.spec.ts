import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Transport, transports } from '../support/caller.js';
import { statusOf } from '../support/contract-errors.js';
import { type SharedDatabase, startDatabase } from '../support/database.js';
import { PluginProcess } from '../support/plugin-process.js';
import { ServerProcess } from '../support/server-process.js';
import { build, seenByAll, type World } from '../support/worlds.js';
import { lists } from './rpc-table/lists.js';
import { plugins } from './rpc-table/plugins.js';
import { publish } from './rpc-table/publish.js';
import { requiredParameters } from './rpc-table/required-parameters.js';
import { isRefusal, type RpcCase } from './rpc-table/rpc-case.js';
import { supervisors } from './rpc-table/supervisors.js';

let database: SharedDatabase;
let plugin: PluginProcess;
let server: ServerProcess;
beforeAll(async () => {
  [database, plugin] = await Promise.all([startDatabase(), PluginProcess.start()]);
  server = await ServerProcess.start({
    env: {
      MONGODB_URI: database.uri,
      BERTH_AGENT: 'none',
      BERTH_SUPERVISOR_AUTO_ENABLE: 'false',
      BERTH_PROVISION_TIMEOUT: '500',
    },
  });
});
afterAll(async () => {
  await server.stop();
  await Promise.all([plugin.kill(), database.close()]);
});

const methods = [
  ['what has to be there', requiredParameters],
  ['publish', publish],
  ['supervisors', supervisors],
  ['lists', lists],
  ['plugins', plugins],
] as const;

/** Public supervisors are seen by every other world: cases that have some, or make some, run alone. */
const isAlone = ({ given, request }: RpcCase) =>
  seenByAll.has(given) || /"is_public"|"root"/.test(JSON.stringify(request));

describe.each(methods)('%s', (_, cases) => {
  const alone = cases.filter(isAlone);
  const named = (some: readonly RpcCase[]) =>
    some.map((each): [string, RpcCase] => [`${each.method}: ${each.name}`, each]);
  it.each(named(alone))('%s', (_name, each) => check(each));
  it.concurrent.each(named(cases.filter((each) => !alone.includes(each))))('%s', (_name, each) => check(each));
});

async function check(each: RpcCase): Promise<void> {
  const [overGrpc, overRest] = [await answerOf(each, 'grpc'), await answerOf(each, 'rest')];
  if (isRefusal(each.expected)) {
    const { code, text } = each.expected;
    for (const [transport, { status, ...answer }] of [overGrpc, overRest].map((a, n) => [transports[n], a] as const)) {
      expect(answer).toEqual({ code, message: expect.stringContaining(text) });
      expect(status).toBe(statusOf(code, transport ?? 'grpc'));
    }
    expect(overGrpc.message).toBe(overRest.message);
    return;
  }
  expect(overRest).toMatchObject({ status: 200, body: each.expected });
  expect(overGrpc).toMatchObject({ status: 'OK' });
  expect(withoutDefaults(overGrpc.body)).toEqual(withoutDefaults(overRest.body));
}

it('has at least 150 cases, of every RPC', () => {
  const all = methods.flatMap(([, cases]) => cases);
  expect(all.length).toBeGreaterThanOrEqual(150);
  expect(new Set(all.map(({ method }) => method)).size).toBe(14);
});

/** The answer in a world of its own, with what is in the world called by its `$` names again. */
async function answerOf({ given, method, request, domain }: RpcCase, transport: Transport): Promise<Answer> {
  const world = await build(given, { call: server.call, grpc: server.grpc, endpoint: plugin.endpoint });
  const headers = domain && { [transport === 'grpc' ? 'x_domain_id' : 'x-domain-id']: world[domain] ?? domain };
  const answer = await server.call.send(transport, method, replaced(request, world), headers || {});
  // Public supervisors would be seen by every other world.
  await database.db.collection('supervisors').deleteMany({ is_public: true });
  const names = Object.fromEntries(Object.entries(world).map(([name, value]) => [value, name]));
  return alike(replaced(answer, names));
}

/** The same with every occurrence of a key replaced by its value. */
function replaced<T>(value: T, names: World): T {
  let text = JSON.stringify(value);
  for (const [name, instead] of Object.entries(names)) text = text.replaceAll(name, instead);
  return JSON.parse(text) as T;
}

/** What no two worlds have in common, called the same: times, and supervisors that the case itself has made. */
function alike<T>(answer: T): T {
  return JSON.parse(
    JSON.stringify(answer)
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, '$time')
      .replaceAll(/supervisor-[0-9a-f]{12}/g, '$new'),
  ) as T;
}

/** As protobuf has it: what is at its default is not there. */
function withoutDefaults(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDefaults);
  if (typeof value !== 'object' || value === null) return value;
  const given = Object.entries(value).filter(([, field]) => ![false, '', 0].some((d) => d === field));
  return Object.fromEntries(
    given.filter(([, field]) => !isDeepStrictEqual(field, [])).map(([key, field]) => [key, withoutDefaults(field)]),
  );
}
