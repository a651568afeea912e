/**
 * The least that a gRPC server in Node.js can do: @grpc/grpc-js with messages by @grpc/proto-loader, answering
 * `get_plugin_endpoint` with a constant. Prints its port.
 */
import { join } from 'node:path';
import { loadPackageDefinition, Server, ServerCredentials, type GrpcObject, type sendUnaryData } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { packageRoot } from '../../src/config/package-root.js';

const protos = join(packageRoot, 'proto');
const loaded = loadPackageDefinition(
  loadSync('spaceone/api/plugin/v1/plugin.proto', { includeDirs: [protos], keepCase: true, enums: String }),
);
const at = (root: unknown, path: string) =>
  path.split('.').reduce((object, name) => (object as GrpcObject)[name] as GrpcObject, root as GrpcObject);
const { service } = at(loaded, 'spaceone.api.plugin.v1.Plugin') as unknown as {
  service: Parameters<Server['addService']>[0];
};

const answer = { endpoint: 'grpc://127.0.0.1:24133', access_token: '', updated_version: '1.2.2' };
const server = new Server();
server.addService(service, {
  get_plugin_endpoint: (_call: unknown, callback: sendUnaryData<unknown>) => callback(null, answer),
});
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  process.stdout.write(`${port}\n`);
});
