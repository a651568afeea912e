import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
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
beforeAll(async () => {
  sockets = [];
  server = await ServerProcess.start();
});
afterAll(async () => {
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

it('answers callers who were connected when it was told to stop, and waits for nobody who says nothing or has no end', async () => {
  const [silent, slow] = [await connection(), await connection()];
  slow.write(request.slice(0, half));
  const gone = once(silent.resume(), 'close');
  const asking = [];
  // One had not asked yet, one had not sent the body.
  for (const sent of [half, headers]) {
    const socket = await connection();
    socket.write(request.slice(0, sent));
    asking.push({ socket, rest: request.slice(sent) });
  }
  await told();
  for (const { socket, rest } of asking) {
    socket.write(rest);
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).toMatch(/^connection: close\r$/im);
    expect(answer).toContain('"total_count"');
  }
  await gone;
  expect(slow.readyState).toBe('open');
  expect(await server.kill('SIGTERM')).toBe(0);
});
