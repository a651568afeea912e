import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually } from '../support/eventually.js';
import { ServerProcess } from '../support/server-process.js';

const body = JSON.stringify({ domain_id: 'domain-a' });
const request = [
  'POST /plugin/v1/supervisor/list HTTP/1.1',
  'host: localhost',
  'content-type: application/json',
  `content-length: ${body.length}`,
  '',
  body,
].join('\r\n');
const half = request.length / 2;
const headers = request.length - body.length;

let server: ServerProcess;
let sockets: Socket[];
beforeEach(async () => {
  sockets = [];
  server = await ServerProcess.start();
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await server.stop();
});

async function connection(): Promise<Socket> {
  const { hostname, port } = new URL(server.http);
  const socket = connect(Number(port), hostname);
  sockets.push(socket);
  await once(socket, 'connect');
  // How a connection ends is the server's affair here.
  socket.on('error', () => undefined);
  return socket;
}

/** Resolves when the server has been told to stop, and takes nobody any more. */
async function told(): Promise<void> {
  server.child.kill('SIGTERM');
  await eventually(() => expect(connection()).rejects.toThrow('ECONNREFUSED'));
}

it.each([
  ['before it had asked', half],
  ['before it had sent the body', headers],
])('answers who was connected %s when it was told to stop, and then ends the connection', async (_, sent) => {
  const socket = await connection();
  socket.write(request.slice(0, sent));
  await told();
  socket.write(request.slice(sent));
  const answer = await text(socket);
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  expect(answer).toMatch(/^connection: close\r$/im);
  expect(answer).toContain('"total_count"');
  expect(await server.kill('SIGTERM')).toBe(0);
});

it('does not wait long for who says nothing, nor for ever for who does not come to an end', async () => {
  const [silent, slow] = [await connection(), await connection()];
  slow.write(request.slice(0, half));
  const gone = once(silent.resume(), 'close');
  await told();
  await gone;
  expect(slow.readyState).toBe('open');
  expect(await server.kill('SIGTERM')).toBe(0);
});
