import { once } from 'node:events';
import { type IncomingMessage, request, type RequestOptions } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { ServerProcess } from '../support/server-process.js';

let server: ServerProcess;
beforeAll(async () => {
  server = await ServerProcess.start();
});
afterAll(() => server.stop());

const path = '/plugin/v1/plugin/get-plugin-endpoint';
const asking = (plugin: string) => JSON.stringify({ plugin_id: plugin, version: '1.0', domain_id: 'domain-a' });
const body = asking('plugin-x');
const json = { 'content-type': 'application/json' };
const length = { 'content-length': body.length };

/** Sends the parts, each for itself, and resolves with the answer. */
async function post(parts: readonly string[], options: RequestOptions): Promise<{ status: number; body: string }> {
  const sent = request(server.http + path, { method: 'POST', agent: false, ...options });
  const answer = once(sent, 'response') as Promise<[IncomingMessage]>;
  for (const part of parts) await new Promise((done) => sent.write(part, done));
  sent.end();
  const [response] = await answer;
  return { status: response.statusCode ?? 0, body: await text(response) };
}

/** The same request in a connection of its own, as bytes. */
function bytesOf(content: string): string {
  const headers = ['host: localhost', 'content-type: application/json', `content-length: ${content.length}`];
  return [`POST ${path} HTTP/1.1`, ...headers, '', content].join('\r\n');
}

function connection() {
  const { hostname, port } = new URL(server.http);
  return connect(Number(port), hostname);
}

describe('a request gets the same answer', () => {
  it.each<[string, readonly string[], RequestOptions]>([
    ['as JSON', [body], { headers: { ...json, ...length } }],
    ['in two parts', [body.slice(0, 9), body.slice(9)], { headers: { ...json, ...length } }],
    ['with a charset', [body], { headers: { 'content-type': 'application/json; charset=utf-8', ...length } }],
    ['with one in capitals', [body], { headers: { 'content-type': 'Application/JSON;charset=UTF-8', ...length } }],
    ['with another parameter', [body], { headers: { 'content-type': 'application/json; odd=1', ...length } }],
    ['without a length', [body.slice(0, 9), body.slice(9)], { headers: json }],
    ['when it waits to be told to go on', [body], { headers: { ...json, ...length, expect: '100-continue' } }],
    ['with a query', [body], { path: `${path}?a=b`, headers: { ...json, ...length } }],
  ])('%s', async (_, parts, options) => {
    const { status, body: answer } = await post(parts, options);
    expect(status).toBe(404);
    expect(JSON.parse(answer)).toMatchObject({ detail: { code: 'ERROR_PLUGIN_NOT_FOUND' } });
  });
});

it('answers requests of one connection in their order', async () => {
  const socket = connection();
  socket.write([...'abc'].map((name) => bytesOf(asking(`plugin-${name}`))).join(''));
  let answers = '';
  socket.on('data', (part) => (answers += String(part)));
  const order = () => [...answers.matchAll(/plugin_id = plugin-(.)/g)].map(([, name]) => name);
  await expect.poll(order).toEqual([...'abc']);
  socket.destroy();
});

it('answers who has nothing more to say, and says so', async () => {
  const socket = connection();
  socket.end(bytesOf('{}'));
  expect(await text(socket)).toContain('ERROR_REQUIRED_PARAMETER');
});

it('goes on when callers go in the middle of a request, or before its answer', async () => {
  for (const sent of [bytesOf(body).slice(0, -5), bytesOf(body)]) {
    const sockets = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const socket = connection();
        await once(socket, 'connect');
        await new Promise((written) => socket.write(sent, written));
        return socket;
      }),
    );
    for (const socket of sockets) socket.resetAndDestroy();
  }
  await eventually(async () => expect((await post([body], { headers: { ...json, ...length } })).status).toBe(404));
  expect(server.child.exitCode).toBeNull();
  expect(server.log).not.toContain('Unforeseen');
});

it('answers to names of this machine alone, so that no page can call it by a name of its own', async () => {
  const { port } = new URL(server.http);
  const statusFor = async (host: string) => (await post([body], { headers: { ...json, ...length, host } })).status;
  for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`, 'localhost']) {
    expect(await statusFor(host), host).toBe(404);
  }
  for (const host of [`evil.example:${port}`, 'localhost.evil.example', '127.0.0.1.evil.example', '10.0.0.1']) {
    expect(await statusFor(host), host).toBe(403);
  }
});
