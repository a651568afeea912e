import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Caller } from '../support/caller.js';
import { endProgram, type Program, startProgram } from '../support/program.js';

const root = join(import.meta.dirname, '../..');
const alarm = JSON.parse(
  readFileSync(join(root, 'examples/plugins/plugin-aws-sns-mon-webhook/sample-alarm.json'), 'utf8'),
) as object;

let directory: string;
let platform: Program;
let http: string;
let call: Caller;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'berth-monolith-'));
  // Settings in the environment that would break it: a module does not look there.
  const env = {
    PATH: process.env['PATH'],
    BERTH_HTTP_PORT: 'none',
    BERTH_CATALOG: '/nowhere',
    MONGODB_URI: 'mongodb://nowhere',
  };
  platform = await startProgram(join(root, 'dist/examples/monolith/main.js'), [directory], { cwd: root, env });
  const [, grpc = '', base = ''] = /gRPC (\S+), HTTP (http:\S+)/.exec(platform.line) ?? [];
  http = base;
  call = new Caller(grpc, `${base}/internal`);
});
afterAll(async () => {
  call.close();
  expect(await endProgram(platform)).toBe(0);
  rmSync(directory, { recursive: true, force: true });
});

const post = async (path: string, body: unknown) => {
  const response = await fetch(`${http}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as unknown };
};

it("finds an endpoint in-process, and keeps the result on the host's own connection", async () => {
  const answer = await post('/alarms', { plugin_id: 'plugin-aws-sns-mon-webhook', data: alarm });
  const kept = { title: 'EC2-CPU', severity: 'ERROR', parsed_by: 'plugin-aws-sns-mon-webhook 1.2.2' };
  expect(answer).toMatchObject({ status: 201, body: [kept] });
  expect(await (await fetch(`${http}/alarms`)).json()).toMatchObject([kept]);
});

it('serves the API under the prefix of the host, and over gRPC, from the same controllers', async () => {
  const request = { plugin_id: 'plugin-aws-sns-mon-webhook', version: '1.2.2', domain_id: 'domain-platform' };
  const [rest, grpc] = [
    await call.ok('rest', 'get_plugin_endpoint', request),
    await call.ok('grpc', 'get_plugin_endpoint', request),
  ];
  expect(rest).toEqual(grpc);
  expect((await post('/plugin/v1/plugin/get-plugin-endpoint', request)).status).toBe(404);
});

it("leaves the host's errors alone, and keeps its own", async () => {
  expect(await post('/alarms', { plugin_id: 5, data: {} })).toMatchObject({
    status: 400,
    body: { statusCode: 400, message: ['plugin_id must be a string'] },
  });
  expect(await (await fetch(`${http}/nowhere`)).json()).toMatchObject({ statusCode: 404, error: 'Not Found' });
  expect(
    await call.send('rest', 'get_plugin_endpoint', { domain_id: 'd', plugin_id: 'plugin-x', version: '1' }),
  ).toMatchObject({
    status: 404,
    code: 'ERROR_PLUGIN_NOT_FOUND',
  });
});
