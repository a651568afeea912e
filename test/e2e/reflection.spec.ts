import { create, createFileRegistry, fromBinary, getOption } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { Client, credentials, status } from '@grpc/grpc-js';
import { GrpcReflection } from 'grpc-js-reflection-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ServerReflectionService as V1,
  type ServerReflectionRequest,
  type ServerReflectionResponse,
} from '../../src/generated/grpc/reflection/v1/reflection.js';
import { ServerReflectionService as V1Alpha } from '../../src/generated/grpc/reflection/v1alpha/reflection.js';
import { ReflectedService } from '../support/reflected-services.js';
import { ServerProcess } from '../support/server-process.js';

const PLUGIN = 'spaceone.api.plugin.v1.Plugin';
const SUPERVISOR = 'spaceone.api.plugin.v1.Supervisor';
const REPOSITORY = 'spaceone.api.repository.v1.Plugin';

let server: ServerProcess;
let client: Client;
beforeAll(async () => {
  server = await ServerProcess.start();
  client = new Client(server.grpc, credentials.createInsecure());
});
afterAll(async () => {
  client.close();
  await server.stop();
});

describe.each(['v1alpha', 'v1'])('a client that knows nothing but reflection %s', (version) => {
  const reflection = () => new GrpcReflection(server.grpc, credentials.createInsecure(), {}, version);
  const service = (name: string) => ReflectedService.of(name, reflection(), client);

  it('lists every service, and resolves each with all that it imports', async () => {
    const names = await reflection().listServices();
    expect(names).toEqual(
      expect.arrayContaining([
        PLUGIN,
        SUPERVISOR,
        'berth.link.v1.SupervisorLink',
        'grpc.health.v1.Health',
        'grpc.reflection.v1.ServerReflection',
        'grpc.reflection.v1alpha.ServerReflection',
      ]),
    );
    for (const name of names) {
      const { unary, streams } = await service(name);
      expect([...unary, ...streams], name).not.toEqual([]);
    }
  });

  it('lists no two services that are called the same: clients keep one of them', async () => {
    const names = (await reflection().listServices()).map((name = '') => name.slice(name.lastIndexOf('.') + 1));
    const twice = names.filter((name, at) => names.indexOf(name) !== at);
    // Reflection itself, which has two versions of its own.
    expect(twice).toEqual(['ServerReflection']);
  });

  it('calls every RPC with messages built from the descriptors', async () => {
    const [plugin, supervisor] = await Promise.all([service(PLUGIN), service(SUPERVISOR)]);
    const known: Record<string, unknown> = {
      domainId: `domain-${version}`,
      name: 'reflected',
      hostname: 'reflected',
      pluginId: 'plugin-aws-sns-mon-webhook',
      version: '1.2.2',
      distinct: 'hostname',
    };
    const answers: Record<string, string> = {};
    const bodies: Record<string, unknown> = {};
    const call = async (of: ReflectedService, method: string) => {
      const answer = await of.call(method, known, { x_domain_id: String(known['domainId']) });
      answers[method] = answer.status === 'OK' ? 'OK' : answer.details.slice(0, answer.details.indexOf(':'));
      bodies[method] = answer.body;
      const results = answer.body['results'] as Record<string, unknown>[] | undefined;
      known['supervisorId'] ??= (results?.[0] ?? answer.body)['supervisorId'];
    };
    for (const method of ['publish', 'get', 'update', 'disable', 'enable', 'register', 'list', 'stat', 'deregister']) {
      await call(supervisor, method);
    }
    // From here on about the supervisor that runs the plugin.
    known['supervisorId'] = undefined;
    known['hostname'] = undefined;
    await call(plugin, 'get_plugin_endpoint');
    for (const method of ['list_plugins', 'recover_plugin']) await call(supervisor, method);
    for (const method of ['notify_failure', 'get_plugin_metadata']) await call(plugin, method);

    expect(Object.keys(answers).sort()).toEqual([...plugin.unary, ...supervisor.unary].sort());
    // Nobody has to register a supervisor here: it is ENABLED at once.
    const { register, ...others } = answers;
    expect(register).toBe('ERROR_SUPERVISOR_STATE');
    expect(new Set(Object.values(others))).toEqual(new Set(['OK']));
    expect(bodies['publish']).toMatchObject({ hostname: 'reflected', state: 'ENABLED' });
    expect(bodies['get_plugin_endpoint']).toMatchObject({ endpoint: expect.stringMatching(/^grpc:/) });
    expect(bodies['list_plugins']).toMatchObject({ results: [{ pluginId: known['pluginId'], version: '1.2.2' }] });
  });

  it('reaches health and the link too', async () => {
    const health = await service('grpc.health.v1.Health');
    expect(await health.call('Check', {})).toMatchObject({ status: 'OK', body: { status: 'SERVING' } });
    const link = await service('berth.link.v1.SupervisorLink');
    const known = { domainId: `link-${version}`, name: 'linked', hostname: 'linked' };
    expect(await link.first('connect', known)).toHaveProperty('welcome.supervisorId');
  });
});

describe.each([
  ['v1alpha', V1Alpha],
  ['v1', V1],
])('%s as it is on the wire', (_, { serverReflectionInfo: method }) => {
  const ask = (request: ServerReflectionRequest | Buffer) =>
    new Promise<ServerReflectionResponse>((resolve, reject) => {
      const stream = client.makeBidiStreamRequest<ServerReflectionRequest | Buffer, ServerReflectionResponse>(
        method.path,
        (message) => (Buffer.isBuffer(message) ? message : method.requestSerialize(message)),
        (bytes) => method.responseDeserialize(bytes),
      );
      let answer: ServerReflectionResponse = {};
      stream.on('data', (message: ServerReflectionResponse) => (answer = message));
      stream.on('error', reject).on('end', () => resolve(answer));
      stream.write(request);
      stream.end();
    });
  const files = (response: ServerReflectionResponse) => response.file_descriptor_response?.file_descriptor_proto ?? [];

  it('answers the file that was asked for first, and resolves each import by its name alone', async () => {
    const byName = new Map<string, Uint8Array>();
    const load = async ([bytes]: Uint8Array[]): Promise<void> => {
      if (bytes === undefined) throw new Error('no file');
      const { name, dependency } = fromBinary(FileDescriptorProtoSchema, bytes);
      for (const each of dependency) await load(files(await ask({ file_by_filename: each })));
      byName.set(name, bytes);
    };
    for (const symbol of [PLUGIN, SUPERVISOR, REPOSITORY])
      await load(files(await ask({ file_containing_symbol: symbol })));
    expect([...byName.keys()]).toEqual(
      expect.arrayContaining([
        'google/api/annotations.proto',
        'google/api/http.proto',
        'google/protobuf/descriptor.proto',
        'google/protobuf/empty.proto',
        'google/protobuf/struct.proto',
        'spaceone/api/core/v2/query.proto',
      ]),
    );
    // Throws where a file, or a type that a field or method names, is missing.
    const registry = createFileRegistry(
      create(FileDescriptorSetSchema, {
        file: [...byName.values()].map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes)),
      }),
    );
    const http = registry.getExtension('google.api.http');
    const methods = [PLUGIN, SUPERVISOR, REPOSITORY].flatMap((name) => registry.getService(name)?.methods ?? []);
    expect(methods).toHaveLength(22);
    for (const each of methods) {
      const room = each.parent.typeName === REPOSITORY ? 'repository' : 'plugin';
      const route = `/${room}/v1/${each.parent.name.toLowerCase()}/${each.name.replaceAll('_', '-')}`;
      expect(http && getOption(each, http)).toMatchObject({ body: '*', pattern: { case: 'post', value: route } });
    }
  });

  it.each([
    'spaceone.api.plugin.v1.Supervisor.list_plugins',
    'spaceone.api.plugin.v1.SupervisorInfo',
    'spaceone.api.plugin.v1.SupervisorInfo.State',
    'spaceone.api.plugin.v1.SupervisorInfo.ENABLED',
    'spaceone.api.plugin.v1.SupervisorInfo.hostname',
    'spaceone.api.plugin.v1.PluginQuery.PROVISIONING',
  ])('finds %s', async (symbol) => {
    const [first] = files(await ask({ file_containing_symbol: symbol }));
    expect(first && fromBinary(FileDescriptorProtoSchema, first).name).toBe('spaceone/api/plugin/v1/supervisor.proto');
  });

  it('finds extensions', async () => {
    const type = 'google.protobuf.MethodOptions';
    const { all_extension_numbers_response: numbers } = await ask({ all_extension_numbers_of_type: type });
    expect(numbers).toMatchObject({ base_type_name: type, extension_number: [72_295_728] });
    const found = await ask({ file_containing_extension: { containing_type: type, extension_number: 72_295_728 } });
    expect(files(found)).not.toEqual([]);
    const none = await ask({ all_extension_numbers_of_type: 'google.protobuf.FileOptions' });
    expect(none.all_extension_numbers_response?.extension_number ?? []).toEqual([]);
  });

  it.each<[string, ServerReflectionRequest, status]>([
    ['an unknown file', { file_by_filename: 'no/such.proto' }, status.NOT_FOUND],
    ['an unknown symbol', { file_containing_symbol: 'no.such.Service' }, status.NOT_FOUND],
    ['a name that every object has', { file_containing_symbol: 'constructor' }, status.NOT_FOUND],
    ['a prototype as a file', { file_by_filename: '__proto__' }, status.NOT_FOUND],
    ['an unknown message', { all_extension_numbers_of_type: 'no.such.Message' }, status.NOT_FOUND],
    ['an unknown extension', { file_containing_extension: { containing_type: 'x' } }, status.NOT_FOUND],
    ['nothing', {}, status.INVALID_ARGUMENT],
  ])('says so when it is asked for %s', async (_case, request, code) => {
    expect((await ask(request)).error_response?.error_code).toBe(code);
  });

  it('refuses bytes that are no request, and serves on', async () => {
    await expect(ask(Buffer.from([0x0a, 0x7f, 0x41]))).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
    expect((await ask({ list_services: '' })).list_services_response?.service).not.toEqual([]);
  });
});
