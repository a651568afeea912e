import { connect } from 'node:http2';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CUT } from '../../src/common/text/clip.js';
import { PluginEndpointRequest } from '../../src/generated/spaceone/api/plugin/v1/plugin.js';
import { frameOf } from '../../src/server/direct/grpc-frame.js';
import { ServerProcess } from '../support/server-process.js';

const LINE = '설정 파일을 읽을 수 없습니다: 권한이 없습니다\n';
/** 64 KiB of Korean, and the cause as the last line. */
const OUTPUT = `${LINE.repeat(Math.ceil(65_536 / Buffer.byteLength(LINE)))}원인: 키가 없습니다`;
const crash = `const line = ${JSON.stringify(LINE)}; require('fs').writeSync(1, ${JSON.stringify(OUTPUT)}); process.exit(3)`;

let server: ServerProcess;

const plugin = (plugin_id: string, command: string[]) => ({
  plugin_id,
  resource_type: 'monitoring.Webhook',
  versions: [{ version: '1.0.0', process: { command } }],
});
const wish = (plugin_id: string) => ({ plugin_id, version: '1.0.0', domain_id: 'domain-a' });

beforeAll(async () => {
  server = await ServerProcess.start({
    env: { BERTH_MAX_RESTARTS: '0' },
    catalog: {
      plugins: [plugin('plugin-korean', ['node', '-e', crash]), plugin('plugin-missing', ['/nowhere/no-such-program'])],
    },
  });
});
afterAll(() => server.stop());

/** The headers of the answer, as they are sent. */
async function headersOf(message: PluginEndpointRequest): Promise<Record<string, string>> {
  const session = connect(`http://${server.grpc}`);
  try {
    const stream = session.request({
      ...{ ':method': 'POST', ':path': '/spaceone.api.plugin.v1.Plugin/get_plugin_endpoint' },
      ...{ 'content-type': 'application/grpc', te: 'trailers' },
    });
    stream.end(frameOf(PluginEndpointRequest.encode(message).finish()));
    stream.resume();
    return await new Promise((resolve, reject) => {
      stream.once('response', (headers) => resolve(headers as unknown as Record<string, string>));
      stream.once('error', reject);
    });
  } finally {
    session.destroy();
  }
}

it('tells the end of what a plugin printed on its way out, in headers that every client takes', async () => {
  const [overGrpc, overRest] = [
    await server.call.send('grpc', 'get_plugin_endpoint', wish('plugin-korean')),
    await server.call.send('rest', 'get_plugin_endpoint', wish('plugin-korean')),
  ];
  expect(overGrpc).toMatchObject({ code: 'ERROR_PLUGIN_FAILURE', status: 'UNAVAILABLE' });
  expect(overRest).toMatchObject({ code: 'ERROR_PLUGIN_FAILURE', status: 503 });
  const { message = '' } = overGrpc;
  expect(message).toMatch(/exited with code 3.*; it printed: /s);
  const [, kept = ''] =
    new RegExp(`it printed: ${CUT.replace(/[[\]]/g, '\\$&')}(.*?); the next try`, 's').exec(message) ?? [];
  expect(kept.length).toBeGreaterThan(200);
  expect(OUTPUT.endsWith(kept)).toBe(true);

  const headers = await headersOf(wish('plugin-korean'));
  const sizes = Object.entries(headers).map(([name, value]) => name.length + String(value).length + 32);
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(4_096);
  expect(decodeURIComponent(headers['grpc-message'] ?? '')).toContain(kept);
});

it('tells all of it to who asks why', async () => {
  const { instances } = await server.call.ok('rest', 'explain', wish('plugin-korean'));
  expect(instances).toEqual([expect.objectContaining({ state: 'ERROR', output: OUTPUT })]);
});

it('does not call away what no caller helps by asking again', async () => {
  const refusal = { code: 'ERROR_PLUGIN_STATE_CHANGE', message: expect.stringContaining('no such command') as string };
  for (const [transport, status] of [
    ['grpc', 'FAILED_PRECONDITION'],
    ['rest', 400],
  ] as const) {
    const answer = await server.call.send(transport, 'get_plugin_endpoint', wish('plugin-missing'));
    expect(answer).toMatchObject({ ...refusal, status });
  }
});
