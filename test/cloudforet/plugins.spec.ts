import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { CUT } from '../../src/common/text/clip.js';
import { packageRoot } from '../../src/config/package-root.js';
import { ServerProcess } from '../support/server-process.js';
import { CloudforetClient } from './kit/cloudforet-client.js';

const cloudforet = inject('cloudforet');

const LINE = '설정 파일을 읽을 수 없습니다: 권한이 없습니다\n';
/** 64 KiB of Korean, and the cause as the last line. */
const OUTPUT = `${LINE.repeat(Math.ceil(65_536 / Buffer.byteLength(LINE)))}원인: 키가 없습니다`;
const crash = `require('fs').writeSync(1, ${JSON.stringify(LINE)}.repeat(${OUTPUT.split('\n').length - 1}) + '원인: 키가 없습니다'); process.exit(3)`;

const accounts = { accounts: [{ name: 'one', id: '1' }, { name: '둘' }] };

let server: ServerProcess;
let client: CloudforetClient;
let main: string;

beforeAll(async () => {
  if (cloudforet === undefined) return;
  const working_directory = 'examples/plugins/plugin-account-list/src';
  const spaceone = join(cloudforet.bin, 'spaceone');
  const env = { PATH: `${cloudforet.bin}:${process.env['PATH']}` };
  server = await ServerProcess.start({
    env: { BERTH_MAX_RESTARTS: '0', BERTH_PLUGIN_DIR: packageRoot },
    catalog: {
      plugins: [
        {
          plugin_id: 'plugin-account-list',
          resource_type: 'identity.Provider',
          // Both ways of docs/writing-plugins.md to say where it listens.
          versions: [
            {
              version: '1.0.0',
              process: { command: [spaceone, 'run', 'plugin-server', 'account_list'], working_directory },
            },
            {
              version: '1.1.0',
              process: {
                command: ['sh', '-c', 'exec spaceone run plugin-server account_list -p $PORT'],
                ...{ working_directory, env },
              },
            },
          ],
        },
        {
          plugin_id: 'plugin-korean',
          resource_type: 'monitoring.Webhook',
          versions: [{ version: '1.0.0', process: { command: ['node', '-e', crash] } }],
        },
      ],
    },
  });
  client = CloudforetClient.start(cloudforet);
  main = `grpc://${server.grpc}`;
});
afterAll(async () => {
  await client?.close();
  await server?.stop();
});

describe.skipIf(cloudforet === undefined)("a plugin of Cloudforet's own framework", () => {
  it.each(['1.0.0', '1.1.0'])('is deployed, asked for its metadata, and called: %s', async (version) => {
    const wish = { plugin_id: 'plugin-account-list', version };
    const { ok: found, error } = await client.call(main, 'Plugin.get_plugin_endpoint', {
      ...wish,
      domain_id: 'domain-a',
    });
    expect(error).toBeUndefined();
    const options = { x_domain_id: 'domain-a' };
    const told = await client.call(main, 'Plugin.get_plugin_metadata', { ...wish, options: accounts }, options);
    expect(told.ok).toEqual({ metadata: { accounts: ['one', '둘'], domain_id: 'domain-a' } });
    const endpoint = String(found?.['endpoint']);
    const synced = await client.call(endpoint, 'AccountCollector.sync', {
      ...{ options: accounts, secret_data: {}, domain_id: 'domain-a' },
    });
    expect(synced.ok).toMatchObject({
      results: [
        { name: 'one', resource_id: '1' },
        { name: '둘', resource_id: '둘' },
      ],
    });
  });

  it('has its own errors told as it answers them', async () => {
    const wish = { plugin_id: 'plugin-account-list', version: '1.0.0' };
    const endpoint = await client.call(main, 'Plugin.get_plugin_endpoint', { ...wish, domain_id: 'domain-a' });
    const refused = { options: { accounts: [] } };
    const asked = await client.call(String(endpoint.ok?.['endpoint']), 'AccountCollector.init', {
      ...{ ...refused, domain_id: 'domain-a' },
    });
    const told = await client.call(
      main,
      'Plugin.get_plugin_metadata',
      { ...wish, ...refused },
      { x_domain_id: 'domain-a' },
    );
    expect(told.error).toMatchObject({ error_code: 'ERROR_REQUIRED_PARAMETER', status_code: 'INVALID_ARGUMENT' });
    expect(told.error).toEqual(asked.error);
  });
});

describe.skipIf(cloudforet === undefined)('a plugin that prints 64 KiB of Korean on its way out', () => {
  const wish = { plugin_id: 'plugin-korean', version: '1.0.0', domain_id: 'domain-a' };

  it('is told of by the end of that, at the first answer', async () => {
    const { error } = await client.call(main, 'Plugin.get_plugin_endpoint', wish);
    expect(error).toMatchObject({
      class: 'ERROR_INTERNAL_API',
      error_code: 'ERROR_PLUGIN_FAILURE',
      status_code: 'UNAVAILABLE',
    });
    const [before = '', after = ''] = error?.message.split(`it printed: ${CUT}`) ?? [];
    expect(before).toContain('exited with code 3');
    const [kept = ''] = after.split('; the next try');
    expect(kept.length).toBeGreaterThan(200);
    expect(OUTPUT.endsWith(kept)).toBe(true);
  });

  it('has all of that told to who asks why', async () => {
    const { ok } = await client.call(main, 'Lookup.explain', wish);
    expect(ok).toMatchObject({ instances: [{ state: 'ERROR', output: OUTPUT }] });
  });
});
