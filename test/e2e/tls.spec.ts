import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import {
  Client,
  credentials,
  Metadata,
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { callUnary } from '../../src/cli/unary-call.js';
import { packageRoot } from '../../src/config/package-root.js';
import { InitRequest, InitResponse } from '../../src/generated/berth/plugin/v1/init.js';
import { PluginService } from '../../src/generated/spaceone/api/plugin/v1/plugin.js';
import { Authority, type Pem, writePem } from '../support/certificates.js';
import { endProgram, startProgram } from '../support/program.js';
import { ServerProcess } from '../support/server-process.js';

const wish = { plugin_id: 'plugin-aws-sns-mon-webhook', version: '1.2.2', domain_id: 'domain-a' };

let directory: string;
let authority: Authority;
let stranger: Authority;
/** It asks nobody for a certificate. */
let open: ServerProcess;
/** It asks everybody for one of its authority. */
let mutual: ServerProcess;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'berth-tls-'));
  [authority, stranger] = await Promise.all([Authority.create('Berth test'), Authority.create('Somebody else')]);
  writeFileSync(join(directory, 'ca.pem'), authority.pem);
  [open, mutual] = await Promise.all([
    start('open'),
    start('mutual', { BERTH_TLS_CLIENT_CA: join(directory, 'ca.pem') }),
  ]);
});
afterAll(async () => {
  await Promise.all([open.stop(), mutual.stop()]);
  rmSync(directory, { recursive: true, force: true });
});

/** A server with a certificate in files of that name. */
async function start(name: string, env: Record<string, string> = {}): Promise<ServerProcess> {
  const { cert, key } = writePem(directory, name, await authority.issue('server-1'));
  return ServerProcess.start({ env: { BERTH_TLS_CERT: cert, BERTH_TLS_KEY: key, ...env } });
}

/** `get_plugin_endpoint` over gRPC with TLS: the endpoint, or the status that it failed with. */
async function overGrpc(server: ServerProcess, ca = authority.pem, client?: Pem, labels = {}): Promise<string> {
  const { getPluginEndpoint: method } = PluginService;
  const channel = new Client(
    server.grpc,
    credentials.createSsl(
      Buffer.from(ca),
      client === undefined ? null : Buffer.from(client.key),
      client === undefined ? null : Buffer.from(client.cert),
    ),
  );
  try {
    return await new Promise((resolve) => {
      channel.makeUnaryRequest(
        method.path,
        (message: typeof wish & { labels: object }) => method.requestSerialize(message),
        (bytes) => method.responseDeserialize(bytes),
        { ...wish, labels },
        { deadline: Date.now() + 60_000 },
        (error: ServiceError | null, answer) => resolve(error === null ? (answer?.endpoint ?? '') : status[error.code]),
      );
    });
  } finally {
    channel.close();
  }
}

/** The same over HTTPS: the endpoint, or why there is none. */
function overHttps(server: ServerProcess, ca = authority.pem, client?: Pem): Promise<string> {
  return new Promise((resolve) => {
    const sent = request(
      `${server.http}/plugin/v1/plugin/get-plugin-endpoint`,
      { method: 'POST', ca, ...client, agent: false, headers: { 'content-type': 'application/json' } },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
        response.on('end', () => resolve((JSON.parse(text) as { endpoint: string }).endpoint));
      },
    );
    sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    sent.end(JSON.stringify(wish));
  });
}

/** A webhook plugin behind TLS, which says of itself what it is told to. */
async function startPlugin({ cert, key }: Pem, metadata: object): Promise<{ server: Server; port: number }> {
  const plugin = new Server();
  const init = {
    path: '/spaceone.api.monitoring.plugin.Webhook/init',
    ...{ requestStream: false, responseStream: false },
    requestSerialize: (message: InitRequest) => Buffer.from(InitRequest.encode(message).finish()),
    requestDeserialize: (bytes: Buffer) => InitRequest.decode(bytes),
    responseSerialize: (message: InitResponse) => Buffer.from(InitResponse.encode(message).finish()),
    responseDeserialize: (bytes: Buffer) => InitResponse.decode(bytes),
  };
  const answer = (_: unknown, callback: sendUnaryData<object>) => callback(null, { metadata });
  plugin.addService({ init }, { init: answer });
  const pair = { cert_chain: Buffer.from(cert), private_key: Buffer.from(key) };
  const port = await new Promise<number>((resolve, reject) => {
    plugin.bindAsync('127.0.0.1:0', ServerCredentials.createSsl(null, [pair]), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { server: plugin, port };
}

/** Whose certificate a new connection to the address sees. */
function certificateAt(address: string): Promise<string> {
  const [host, port] = address.replace('https://', '').split(':');
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port), ca: authority.pem, ALPNProtocols: ['h2', 'http/1.1'] }, () => {
      const { CN } = socket.getPeerCertificate().subject;
      resolve(String(CN));
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

it('serves both transports over TLS; the agent that comes along is at home', async () => {
  expect(open.http).toMatch(/^https:/);
  const endpoint = await overGrpc(open);
  expect(endpoint).toMatch(/^grpc:/);
  expect(await overHttps(open)).toBe(endpoint);
  expect(await overGrpc(open, stranger.pem)).toBe('UNAVAILABLE');
  expect(await overHttps(open, stranger.pem)).toMatch(/SELF_SIGNED|UNABLE_TO/);
});

it('asks clients for certificates when told to, and takes those of its authority alone', async () => {
  const client = await authority.issue('client');
  const foreign = await stranger.issue('client');
  const endpoint = await overGrpc(mutual, authority.pem, client);
  expect(endpoint).toMatch(/^grpc:/);
  expect(await overHttps(mutual, authority.pem, client)).toBe(endpoint);
  for (const shown of [undefined, foreign]) {
    expect(await overGrpc(mutual, authority.pem, shown)).toBe('UNAVAILABLE');
    expect(await overHttps(mutual, authority.pem, shown)).not.toMatch(/^grpc:/);
  }
});

it('lets agents connect over TLS, with a certificate of their own', async () => {
  const { cert, key } = writePem(directory, 'agent', await authority.issue('agent'));
  const tls = ['--tls-ca', join(directory, 'ca.pem'), '--tls-cert', cert, '--tls-key', key];
  const agent = await startProgram(
    join(packageRoot, 'dist/programs/agent.cjs'),
    [
      ...['--server', mutual.grpc, '--domain', 'domain-a', '--hostname', 'tls-1', '--label', 'at=tls-1'],
      ...['--data', join(directory, 'agent'), '--on-exit', 'stop', ...tls],
    ],
    { env: { PATH: process.env['PATH'] } },
  );
  try {
    expect(agent.line).toContain('connected');
    const client = await authority.issue('client');
    expect(await overGrpc(mutual, authority.pem, client, { at: 'tls-1' })).toMatch(/^grpc:/);
  } finally {
    await endProgram(agent);
  }
});

it('calls plugins over TLS, and hands them out by the scheme that Cloudforet knows', async () => {
  const server = await start('plugins', { BERTH_AGENT: 'none', NODE_EXTRA_CA_CERTS: join(directory, 'ca.pem') });
  const plugin = await startPlugin(await authority.issue('plugin'), { about: 'it' });
  const trusted = credentials.createSsl(Buffer.from(authority.pem));
  const address = { server: `grpc+ssl://${server.grpc}`, credentials: trusted };
  try {
    const { plugin_id, version, domain_id } = wish;
    const publish = (...plugin_info: object[]) =>
      callUnary(address, 'publish', { name: 'a', hostname: 'a', domain_id, plugin_info });
    const listed = () => callUnary(address, 'list_plugins', { domain_id, plugin_id });
    await publish();
    const wait = overGrpc(server);
    await expect.poll(listed).toMatchObject({ results: [{ state: 'PROVISIONING' }] });
    await publish({ plugin_id, version, state: 'ACTIVE', endpoint: `grpcs://127.0.0.1:${plugin.port}` });
    expect(await listed()).toMatchObject({ results: [{ endpoint: `grpc+ssl://127.0.0.1:${plugin.port}` }] });
    expect(await wait).toBe(`grpc+ssl://127.0.0.1:${plugin.port}`);
    const domain = new Metadata();
    domain.set('x_domain_id', domain_id);
    expect(await callUnary(address, 'get_plugin_metadata', { plugin_id, version }, domain)).toEqual({
      metadata: { about: 'it' },
    });
  } finally {
    plugin.server.forceShutdown();
    await server.stop();
  }
});

it('takes new certificates from their files, and keeps the old ones while the new do not fit together', async () => {
  expect(await certificateAt(open.grpc)).toBe('server-1');
  const next = await authority.issue('server-2');
  writeFileSync(join(directory, 'open.cert.pem'), next.cert);
  await expect.poll(() => open.log).toContain('are not taken');
  expect(await certificateAt(open.http)).toBe('server-1');
  writeFileSync(join(directory, 'open.key.pem'), next.key);
  for (const address of [open.grpc, open.http, open.repository ?? '']) {
    await expect.poll(() => certificateAt(address)).toBe('server-2');
  }
  expect(await overGrpc(open)).toMatch(/^grpc:/);
});

it.each([
  ['is not there', 'missing.pem'],
  ['holds no certificate', 'ca.pem'],
])('does not start with a key file that %s, and names it', async (_, file) => {
  const { cert } = writePem(directory, 'other', await authority.issue('other'));
  const env = { BERTH_TLS_CERT: cert, BERTH_TLS_KEY: join(directory, file) };
  await expect(ServerProcess.start({ env })).rejects.toThrow(file);
});
