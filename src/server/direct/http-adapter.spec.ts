import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CallHost } from './call-host.js';
import type { DirectMethod } from './direct-methods.js';
import { HttpAdapter } from './http-adapter.js';

class Greeter {}
const method: DirectMethod = {
  service: 'Greeter',
  method: 'greet',
  path: '/greet',
  host: (type, args) => new CallHost(type, args, Greeter, () => undefined),
  call: () => ({ text: 'hello' }),
};

let adapter: HttpAdapter;
let port: number;
beforeEach(async () => {
  const http = { headersTimeout: 300, connectionsCheckingInterval: 50 };
  adapter = new HttpAdapter({ http, requestTimeout: 300 });
  adapter.serveDirectly([method], () => true);
  await new Promise<void>((resolve) => adapter.listen(0, '127.0.0.1', resolve));
  ({ port } = adapter.getHttpServer().address() as AddressInfo);
});
afterEach(() => adapter.close());

const head = ['POST /greet HTTP/1.1', 'host: localhost', 'content-type: application/json', 'content-length: 2', '', ''];

it('answers a request whose body comes in time', async () => {
  const socket = connect(port, '127.0.0.1');
  socket.write(head.join('\r\n'));
  socket.end('{}');
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 OK[^]*\{"text":"hello"\}$/);
});

it('refuses a request whose body does not come, and ends the connection', async () => {
  const socket = connect(port, '127.0.0.1');
  socket.write(`${head.join('\r\n')}{`);
  const answer = text(socket);
  const ended = once(socket, 'end').then(() => 'ended');
  expect(await Promise.race([ended, delay(5_000, 'open', { ref: false })])).toBe('ended');
  expect(await answer).toMatch(/^HTTP\/1\.1 408 /);
});
