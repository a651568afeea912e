import { once } from 'node:events';
import { connect, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2';
import { gzipSync } from 'node:zlib';
import { Metadata, type sendUnaryData, Server, ServerCredentials, type ServerUnaryCall, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CUT } from '../../common/text/clip.js';
import type { GrpcCall } from './grpc-call.js';
import { frameOf } from './grpc-frame.js';
import { serveDirectly } from './grpc-streams.js';

const path = '/test.Echo/say';
const read = (bytes: Buffer) => bytes.toString();
const write = (message: unknown) => Buffer.from(message as string);
const echo = { path, requestStream: false, responseStream: false };
const service = {
  say: {
    ...echo,
    requestDeserialize: read,
    requestSerialize: write,
    responseDeserialize: read,
    responseSerialize: write,
  },
};

let server: Server;
let url: string;
let client: ClientHttp2Session;
/** What the method does with a call that is served directly. */
let answer: (call: GrpcCall) => void;

beforeEach(async () => {
  answer = (call) => call.succeed(`direct ${String(call.request)}`);
  server = new Server({ 'grpc.max_connection_idle_ms': 300 });
  server.addService(service, {
    say: (call: ServerUnaryCall<string, string>, callback: sendUnaryData<string>) =>
      callback(null, `grpc-js ${call.request}`),
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  const methods = new Map([[path, { read, write, answer: (call: GrpcCall) => answer(call) }]]);
  serveDirectly(server, methods, { received: 1000, sent: 2000 });
  url = `http://127.0.0.1:${port}`;
  client = connect(url);
});
afterEach(() => {
  client.destroy();
  server.forceShutdown();
});

interface Answer {
  readonly status: number;
  readonly message: string;
  readonly body: string;
}

function open(headers: IncomingHttpHeaders = {}) {
  return client.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', ...headers });
}

/** Sends the parts, each for itself, and half-closes. */
async function say(parts: readonly Buffer[], headers: IncomingHttpHeaders = {}): Promise<Answer> {
  const stream = open(headers);
  let last: IncomingHttpHeaders = {};
  stream.on('response', (sent) => (last = sent));
  stream.on('trailers', (sent: IncomingHttpHeaders) => (last = sent));
  const received: Buffer[] = [];
  stream.on('data', (part: Buffer) => received.push(part));
  for (const part of parts) await new Promise((sent) => stream.write(part, sent));
  stream.end();
  await once(stream, 'close');
  return {
    status: Number(last['grpc-status']),
    message: decodeURI(String(last['grpc-message'])),
    body: Buffer.concat(received).subarray(5).toString(),
  };
}

describe('a unary call', () => {
  it('is served directly, however its bytes are cut', async () => {
    const frame = frameOf(Buffer.from('hello'));
    expect(await say([frame])).toEqual({ status: status.OK, message: 'OK', body: 'direct hello' });
    expect(await say([...frame].map((byte) => Buffer.from([byte])))).toMatchObject({ body: 'direct hello' });
    expect(await say([frameOf(Buffer.alloc(0))])).toMatchObject({ status: status.OK, body: 'direct ' });
  });

  it('is left to grpc-js where it is compressed', async () => {
    const frame = frameOf(gzipSync('hello'));
    frame[0] = 1;
    expect(await say([frame], { 'grpc-encoding': 'gzip' })).toMatchObject({ status: status.OK, body: 'grpc-js hello' });
  });

  const hello = frameOf(Buffer.from('hello'));
  it.each([
    ['no message', [], status.UNIMPLEMENTED, 'no message'],
    ['two messages', [hello, hello], status.UNIMPLEMENTED, 'more than one message'],
    ['half a message', [hello.subarray(0, 7)], status.INTERNAL, 'ends after 7 bytes'],
    ['most of a prefix', [Buffer.from([1, 255, 255, 255])], status.INTERNAL, 'ends after 4 bytes'],
    ['half a prefix', [hello.subarray(0, 3)], status.INTERNAL, 'ends after 3 bytes'],
    ['a compressed message without a word of it', [Buffer.from([1, 0, 0, 0, 0])], status.INTERNAL, 'compressed'],
    ['a large message', [frameOf(Buffer.alloc(1001))], status.RESOURCE_EXHAUSTED, 'has 1001 bytes, at most 1000'],
    ['the prefix of one', [Buffer.from([0, 255, 255, 255, 255])], status.RESOURCE_EXHAUSTED, '4294967295 bytes'],
  ])('with %s is refused', async (_, parts, code, words) => {
    const refused = await say(parts);
    expect(refused).toMatchObject({ status: code, body: '' });
    expect(refused.message).toContain(words);
  });

  it('is refused once, whatever more comes of it', async () => {
    const refused = await say([hello, hello, hello]);
    expect(refused).toMatchObject({ status: status.UNIMPLEMENTED });
    expect(await say([hello])).toMatchObject({ status: status.OK });
  });

  it('is refused before it has ended, and its stream is closed', async () => {
    const stream = open();
    let trailers: IncomingHttpHeaders = {};
    stream.on('response', (sent) => (trailers = sent));
    stream.write(Buffer.concat([hello, hello]));
    await once(stream.resume(), 'close');
    expect(trailers['grpc-status']).toBe(String(status.UNIMPLEMENTED));
    expect(await say([hello])).toMatchObject({ status: status.OK });
  });

  it('is told that its answer is too large, or nothing that can be written', async () => {
    answer = (call) => call.succeed('x'.repeat(2001));
    expect(await say([hello])).toMatchObject({ status: status.RESOURCE_EXHAUSTED, body: '' });
    answer = (call) => call.succeed(undefined);
    expect(await say([hello])).toMatchObject({ status: status.INTERNAL, body: '' });
  });

  it('is told of failures in words of any kind', async () => {
    answer = (call) => call.fail({ code: status.ABORTED, details: '100 % größer\n\ud800' });
    expect(await say([hello])).toEqual({ status: status.ABORTED, message: '100 % größer\n\ufffd', body: '' });
  });

  it('has one answer, the first', async () => {
    answer = (call) => {
      call.succeed('one');
      call.succeed('two');
      call.fail({ code: status.ABORTED, details: 'three' });
    };
    expect(await say([hello])).toEqual({ status: status.OK, message: 'OK', body: 'one' });
  });
});

it.each(['ascii text, with spaces\n', '설정 파일을 읽을 수 없습니다\n', 'لا يمكن قراءة الملف', '💥', '\u0000\ud800'])(
  'is refused in less than 4 KiB of headers, however long the reason: %j',
  async (said) => {
    const metadata = new Metadata();
    metadata.set('x-request-id', 'x'.repeat(128));
    answer = (call) => call.fail({ code: status.UNAVAILABLE, details: `ERROR_X: ${said.repeat(9_999)}!`, metadata });
    const stream = open();
    const sent = once(stream, 'response') as Promise<[Record<string, string | string[]>]>;
    stream.end(frameOf(Buffer.from('hello')));
    stream.resume();
    const [headers] = await sent;
    // As HPACK, and every limit on it, counts.
    const sizes = Object.entries(headers).map(([name, value]) => name.length + String(value).length + 32);
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(4_096);
    const message = decodeURIComponent(String(headers['grpc-message']));
    expect(message).toMatch(/^ERROR_X: /);
    const end = message.slice(message.indexOf(CUT) + CUT.length);
    expect(
      Buffer.from(`${said.repeat(9_999)}!`)
        .toString()
        .endsWith(end),
    ).toBe(true);
    expect(end.length).toBeGreaterThan(150);
  },
);

describe('the deadline of a call', () => {
  const hello = [frameOf(Buffer.from('hello'))];

  it('ends it', async () => {
    let signal = '';
    answer = (call) => call.once('cancelled', () => (signal = 'cancelled'));
    expect(await say(hello, { 'grpc-timeout': '50m' })).toMatchObject({
      status: status.DEADLINE_EXCEEDED,
      message: 'ERROR_REQUEST_TIMEOUT: Request timeout. (grpc-timeout = 50m)',
    });
    await expect.poll(() => signal).toBe('cancelled');
  });

  it.each([
    ['1H', 3_600_000],
    ['2M', 120_000],
    ['3S', 3_000],
    ['5000000u', 5_000],
    ['99999999u', 100_000],
    // Longer than any timer: one would go off at once.
    ['99999999H', 99_999_999 * 3_600_000],
  ])('may be said as %s', async (timeout, milliseconds) => {
    let left = 0;
    answer = (call) => {
      left = call.getDeadline() - Date.now();
      setImmediate(() => call.succeed('in time'));
    };
    expect(await say(hello, { 'grpc-timeout': timeout })).toMatchObject({ body: 'in time' });
    expect(left).toBeLessThanOrEqual(milliseconds);
    expect(left).toBeGreaterThan(milliseconds - 2_000);
  });

  it.each(['soon', '1', '123456789S', '-1S'])('is no %s', async (timeout) => {
    const refused = await say(hello, { 'grpc-timeout': timeout });
    expect(refused).toMatchObject({ status: status.INTERNAL, body: '' });
    expect(refused.message).toContain(`grpc-timeout = ${timeout}`);
  });
});

it('tells the method that the caller has gone, and answers nobody then', async () => {
  const served = new Promise<GrpcCall>((resolve) => (answer = resolve));
  const stream = open();
  stream.end(frameOf(Buffer.from('hello')));
  const call = await served;
  expect(call.cancelled).toBe(false);
  const told = new Promise<void>((resolve) => call.once('cancelled', resolve));
  stream.close();
  await told;
  expect(call.cancelled).toBe(true);
  call.succeed('too late');
  call.fail({ code: status.ABORTED, details: 'too late' });
});

it('counts as use of its connection, which is not closed as idle', async () => {
  const served = new Promise<GrpcCall>((resolve) => (answer = resolve));
  const late = say([frameOf(Buffer.from('hello'))]);
  const call = await served;
  // Opened after the other, and closed: so would be the other, by now.
  await once(connect(url), 'close');
  expect(client.closed).toBe(false);
  call.succeed('at last');
  expect(await late).toMatchObject({ body: 'at last' });
  await once(client, 'close');
});

it('has metadata as calls of grpc-js have it', async () => {
  let metadata: GrpcCall['metadata'] | undefined;
  answer = (call) => {
    ({ metadata } = call);
    call.succeed('');
  };
  await say([frameOf(Buffer.alloc(0))], { 'x-one': 'a', 'x-more': ['a', 'b'], 'x-some-bin': 'AAE=' });
  expect(metadata?.get('x-one')).toEqual(['a']);
  expect(metadata?.get('x-more')).toEqual(['a, b']);
  expect(metadata?.get('x-some-bin')).toEqual([Buffer.from([0, 1])]);
  expect(metadata?.get('x-none')).toEqual([]);
});
