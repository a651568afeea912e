import { createRequire } from 'node:module';
import { join } from 'node:path';
import {
  Client,
  credentials,
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { service as healthService } from 'grpc-health-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { EventService } from '../../../src/generated/spaceone/api/monitoring/plugin/event.js';
import { Health } from './health.js';
import { missing } from './plugin-error.js';
import { reflection } from './reflection.js';
import { unaryService } from './unary-service.js';

const EVENT = 'spaceone.api.monitoring.plugin.Event';
const HEALTH = 'grpc.health.v1.Health';

const event = unaryService(EventService, {
  parse: ({ data, options }) => {
    if (options !== undefined) throw new Error('a secret');
    if (data === undefined) throw missing('data');
    return { results: [{ title: String(data['title']) }] };
  },
});
const health = new Health([EVENT], 'SERVING');
const server = new Server();
let client: Client;

beforeAll(async () => {
  for (const { definition, handlers } of [event, health, ...reflection([EVENT, HEALTH])])
    server.addService(definition, handlers);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
});

afterAll(() => {
  client.close();
  server.forceShutdown();
});

/** What a call is answered with: the response, or the status and details of its error. */
function call(method: MethodDefinition<object, object>, request: object): Promise<unknown> {
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      method.path,
      (value: object) => (value instanceof Buffer ? value : method.requestSerialize(value)),
      (bytes) => method.responseDeserialize(bytes),
      request,
      { deadline: Date.now() + 5_000 },
      (error: ServiceError | null, response?: object) =>
        resolve(error ? `${status[error.code]} ${error.details}` : response),
    );
  });
}

/** The method of a service that a package brings. */
function methodOf(service: ServiceDefinition, name: string): MethodDefinition<object, object> {
  const method = service[name];
  if (method === undefined) throw new Error(`There is no ${name}.`);
  return method;
}

const parse = EventService.parse as MethodDefinition<object, object>;

describe('a service of plain functions', () => {
  it('answers what they return', async () => {
    expect(await call(parse, { data: { title: 'a' } })).toMatchObject({ results: [{ title: 'a' }] });
  });

  it('answers the errors they throw, as ERROR_CODE: message', async () => {
    expect(await call(parse, {})).toBe('INVALID_ARGUMENT ERROR_REQUIRED_PARAMETER: Required parameter. (key = data)');
  });

  it('keeps the detail of an unforeseen error to the log', async () => {
    const log = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(await call(parse, { options: {} })).toBe('INTERNAL ERROR_UNKNOWN: The plugin failed.');
    expect(log).toHaveBeenCalledWith(expect.stringContaining('a secret'));
    log.mockRestore();
  });

  it('refuses bytes that are no message', async () => {
    expect(await call(parse, Buffer.from([0x12, 0xff]))).toMatch(
      /^INVALID_ARGUMENT ERROR_INVALID_PARAMETER: .*key = message/,
    );
  });
});

describe('health', () => {
  const check = methodOf(healthService, 'Check');

  it.each(['', EVENT])('of %j is SERVING', async (service) => {
    expect(await call(check, { service })).toEqual({ status: 'SERVING' });
  });

  it('of an unknown service is NOT_FOUND', async () => {
    expect(await call(check, { service: 'Other' })).toMatch(/^NOT_FOUND ERROR_NOT_FOUND/);
  });

  it('tells those who watch', async () => {
    const watch = methodOf(healthService, 'Watch');
    const stream = client.makeServerStreamRequest(
      watch.path,
      (value: object) => watch.requestSerialize(value),
      (bytes) => watch.responseDeserialize(bytes),
      { service: '' },
    );
    const seen: unknown[] = [];
    for await (const answer of stream) {
      seen.push(answer);
      if (seen.length === 1) health.become('NOT_SERVING');
      else if (seen.length === 2) health.become('SERVING');
      else health.endWatches();
    }
    expect(seen).toEqual([{ status: 'SERVING' }, { status: 'NOT_SERVING' }, { status: 'SERVING' }]);
  });
});

describe.each(['v1', 'v1alpha'])('reflection %s', (version) => {
  const proto = join('..', 'proto', 'grpc', 'reflection', version, 'reflection.proto');
  const path = join(createRequire(import.meta.url).resolve('@grpc/reflection'), '..', proto);
  const loaded = loadSync(path)[`grpc.reflection.${version}.ServerReflection`] as ServiceDefinition;
  const info = methodOf(loaded, 'ServerReflectionInfo');

  async function ask(question: object): Promise<unknown> {
    const stream = client.makeBidiStreamRequest(
      info.path,
      (value: object) => info.requestSerialize(value),
      (bytes) => info.responseDeserialize(bytes),
    );
    stream.end(question);
    for await (const answer of stream) return answer;
    return undefined;
  }

  it('lists the services', async () => {
    expect(await ask({ listServices: '*' })).toMatchObject({
      listServicesResponse: { service: expect.arrayContaining([{ name: EVENT }, { name: HEALTH }]) as unknown },
    });
  });

  it.each([EVENT, HEALTH])('describes %s', async (symbol) => {
    expect(await ask({ fileContainingSymbol: symbol })).toHaveProperty('fileDescriptorResponse.fileDescriptorProto.0');
  });

  it('resolves imports by their names', async () => {
    const answer = await ask({ fileByFilename: 'google/protobuf/struct.proto' });
    expect(answer).toHaveProperty('fileDescriptorResponse.fileDescriptorProto.0');
  });
});
