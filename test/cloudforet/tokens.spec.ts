import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Authority, writePem } from '../support/certificates.js';
import { ServerProcess } from '../support/server-process.js';
import { TokenIssuer } from '../support/token-issuer.js';
import { CloudforetClient } from './kit/cloudforet-client.js';

const cloudforet = inject('cloudforet');
const PROVISION_TIMEOUT = 2_000;

let directory: string;
let issuer: TokenIssuer;
let server: ServerProcess;
let client: CloudforetClient;
/** The one TLS scheme that the client knows. */
let main: string;

beforeAll(async () => {
  if (cloudforet === undefined) return;
  directory = mkdtempSync(join(tmpdir(), 'berth-cloudforet-'));
  const authority = await Authority.create('Berth test');
  const { cert, key } = writePem(directory, 'server', await authority.issue('server'));
  issuer = await TokenIssuer.create();
  writeFileSync(join(directory, 'ca.pem'), authority.pem);
  writeFileSync(join(directory, 'keys.json'), issuer.jwks);
  server = await ServerProcess.start({
    env: {
      BERTH_AUTH: 'jwt',
      BERTH_AUTH_JWKS: join(directory, 'keys.json'),
      BERTH_TLS_CERT: cert,
      BERTH_TLS_KEY: key,
      BERTH_AGENT: 'none',
      BERTH_SUPERVISOR_AUTO_ENABLE: 'false',
      BERTH_PROVISION_TIMEOUT: String(PROVISION_TIMEOUT),
    },
  });
  main = `grpc+ssl://${server.grpc}`;
  client = CloudforetClient.start(cloudforet, { GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: join(directory, 'ca.pem') });
});
afterAll(async () => {
  await client?.close();
  await server?.stop();
  if (directory !== undefined) rmSync(directory, { recursive: true });
});

const who = { name: 'one', hostname: 'host-1', domain_id: 'domain-a' };

describe.skipIf(cloudforet === undefined)("Cloudforet's own client, over TLS", () => {
  it('is let in with a token, and does what its role allows', async () => {
    const token = await issuer.token();
    const { ok, error } = await client.call(main, 'Supervisor.publish', who, { token });
    expect(error).toBeUndefined();
    expect(ok).toMatchObject({ ...who, state: 'PENDING' });
    const it = { supervisor_id: ok?.['supervisor_id'], domain_id: 'domain-a' };
    const registered = await client.call(main, 'Supervisor.register', { ...it, priority: 5 }, { token });
    expect(registered.ok).toMatchObject({ state: 'ENABLED' });
  });

  it('reads the repository service on its own port, over TLS as well', async () => {
    const token = await issuer.token();
    const { ok } = await client.call(`grpc+ssl://${server.repository}`, 'Plugin.list', {}, { token });
    expect(ok).toMatchObject({ total_count: expect.any(Number) as number });
  });

  it('acts for any domain with the token of a system', async () => {
    const token = await issuer.systemToken();
    const { ok } = await client.call(
      main,
      'Supervisor.list',
      { domain_id: 'domain-b' },
      { token, x_domain_id: 'domain-b' },
    );
    // What is empty is left out, as its client tells of it.
    expect(ok).toEqual({});
  });

  it.each([
    ['no token', () => undefined],
    ['no token at all, but text', () => 'not-a-token'],
    ["a token of somebody else's", async () => (await TokenIssuer.create()).token()],
  ])('raises ERROR_AUTHENTICATE_FAILURE with %s', async (_, tokenOf) => {
    const { error } = await client.call(main, 'Supervisor.list', { domain_id: 'domain-a' }, { token: await tokenOf() });
    expect(error).toMatchObject({ class: 'ERROR_AUTHENTICATE_FAILURE', status_code: 'UNAUTHENTICATED' });
    expect(error?.message).toContain('A valid token is required.');
  });

  it.each([
    ['a role that may not', { rol: 'USER' }, { domain_id: 'domain-a' }],
    ['a token of another domain', { did: 'domain-b' }, { domain_id: 'domain-a' }],
  ])('raises ERROR_PERMISSION_DENIED with %s', async (_, claims, params) => {
    const token = await issuer.token({ claims });
    const { error } = await client.call(main, 'Supervisor.list', params, { token });
    expect(error).toMatchObject({ class: 'ERROR_PERMISSION_DENIED', status_code: 'PERMISSION_DENIED' });
  });

  it('is told at once, and once, what a deployment waits for that takes longer than Berth waits', async () => {
    const token = await issuer.token();
    await client.call(main, 'Supervisor.publish', { ...who, hostname: 'host-2' }, { token });
    const supervisors = await client.call(
      main,
      'Supervisor.list',
      { domain_id: 'domain-a', query: { filter: [{ k: 'hostname', v: 'host-2', o: 'eq' }] } },
      { token },
    );
    const [{ supervisor_id } = {}] = supervisors.ok?.['results'] as Record<string, unknown>[];
    await client.call(main, 'Supervisor.register', { supervisor_id, domain_id: 'domain-a', priority: 9 }, { token });
    const wish = { plugin_id: 'plugin-aws-sns-mon-webhook', version: '1.2.2', domain_id: 'domain-a' };
    const { error, seconds } = await client.call(main, 'Plugin.get_plugin_endpoint', wish, { token });
    expect(error).toMatchObject({ class: 'ERROR_INTERNAL_API', error_code: 'ERROR_INSTALL_PLUGIN_TIMEOUT' });
    expect(error?.message).toContain('phase = PROVISIONING');
    // Of what it repeats, it tells nothing but ERROR_GRPC_TIMEOUT.
    expect(error?.status_code).toBe('ABORTED');
    expect(seconds).toBeGreaterThan((PROVISION_TIMEOUT / 1_000) * 0.9);
  });
});
