import { Metadata, Server, ServerCredentials, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { InitRequest, InitResponse } from '../generated/berth/plugin/v1/init.js';
import { PluginClient } from './plugin-client.js';

interface Refusal {
  readonly code: number;
  readonly details: string;
  readonly metadata?: Metadata;
}

const client = new PluginClient();
const server = new Server();
let endpoint: string;
let refusal: Refusal;

beforeAll(async () => {
  const init = {
    path: '/spaceone.api.monitoring.plugin.Webhook/init',
    requestStream: false,
    responseStream: false,
    requestSerialize: (message: InitRequest) => Buffer.from(InitRequest.encode(message).finish()),
    requestDeserialize: (bytes: Buffer) => InitRequest.decode(bytes),
    responseSerialize: (message: InitResponse) => Buffer.from(InitResponse.encode(message).finish()),
    responseDeserialize: (bytes: Buffer) => InitResponse.decode(bytes),
  } as const;
  server.addService({ init }, { init: (_call: unknown, answer: (refusal: Refusal) => void) => answer(refusal) });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  endpoint = `grpc://127.0.0.1:${port}`;
});
afterAll(() => {
  client.onApplicationShutdown();
  server.forceShutdown();
});

const call = (changes: Partial<Parameters<PluginClient['init']>[0]> = {}) =>
  client.init({
    pluginId: 'plugin-a',
    endpoint,
    token: '',
    resourceType: 'monitoring.Webhook',
    options: {},
    domainId: 'domain-a',
    deadline: Date.now() + 30_000,
    ...changes,
  });

it.each<[Refusal, object]>([
  [
    { code: status.INVALID_ARGUMENT, details: 'ERROR_REQUIRED_PARAMETER: Required parameter. (key = options.url)' },
    {
      code: 'ERROR_REQUIRED_PARAMETER',
      status: status.INVALID_ARGUMENT,
      httpStatus: 400,
      message: 'Required parameter. (key = options.url)',
    },
  ],
  [
    { code: status.UNAVAILABLE, details: 'ERROR_UNAVAILAVBLE: Server is unavailable. (reason = a: b)' },
    {
      code: 'ERROR_UNAVAILAVBLE',
      status: status.UNAVAILABLE,
      httpStatus: 503,
      message: 'Server is unavailable. (reason = a: b)',
    },
  ],
  [
    { code: status.INTERNAL, details: 'ERROR_UNKNOWN: 설정이 없습니다\n두 번째 줄' },
    { code: 'ERROR_UNKNOWN', status: status.INTERNAL, httpStatus: 500, message: '설정이 없습니다\n두 번째 줄' },
  ],
  [
    { code: status.UNKNOWN, details: 'Exception calling application: 7' },
    {
      code: 'ERROR_INTERNAL_API',
      status: status.UNKNOWN,
      httpStatus: 500,
      message: 'Exception calling application: 7',
    },
  ],
  [
    { code: status.DEADLINE_EXCEEDED, details: '' },
    { code: 'ERROR_INTERNAL_API', status: status.DEADLINE_EXCEEDED, httpStatus: 504, message: '' },
  ],
  [
    { code: status.PERMISSION_DENIED, details: 'ERROR_PERMISSION_DENIED' },
    { code: 'ERROR_PERMISSION_DENIED', status: status.PERMISSION_DENIED, message: 'ERROR_PERMISSION_DENIED' },
  ],
  [
    { code: 77, details: 'ERROR_OWN: x' },
    { code: 'ERROR_OWN', status: status.UNKNOWN, httpStatus: 500, message: 'x' },
  ],
])('hands through what a plugin answers instead: %j', async (answered, told) => {
  refusal = answered;
  await expect(call()).rejects.toMatchObject({ name: 'PluginAnswer', ...told });
});

it('hands through that a plugin has no such service', async () => {
  await expect(call({ resourceType: 'inventory.Collector' })).rejects.toMatchObject({
    name: 'PluginAnswer',
    code: 'ERROR_INTERNAL_API',
    status: status.UNIMPLEMENTED,
    httpStatus: 501,
  });
});

it('says so where a plugin gives no answer at all', async () => {
  const refused = { name: 'BerthError', code: 'ERROR_PLUGIN_FAILURE', status: status.UNAVAILABLE };
  await expect(call({ endpoint: 'grpc://127.0.0.1:1' })).rejects.toMatchObject(refused);
  await expect(call({ deadline: Date.now() - 1 })).rejects.toMatchObject(refused);
});
