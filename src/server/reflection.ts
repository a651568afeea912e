import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import type { Server } from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { protoPath as healthProto } from 'grpc-health-check';
import { fileDescriptorSet } from '../generated/descriptors.js';

/**
 * Adds server reflection (v1 and v1alpha), fed with the descriptors of the real files: imports resolve by the names
 * that the files give them.
 *
 * @param services full names of the services to list, besides health and reflection themselves
 */
export function addReflection(server: Server, services: readonly string[]): void {
  const { file } = fromBinary(FileDescriptorSetSchema, fileDescriptorSet);
  const fileDescriptorProtos = file.map((proto) => Buffer.from(toBinary(FileDescriptorProtoSchema, proto)));
  const definition = { ...loadSync(healthProto), files: { fileDescriptorProtos } } as unknown as PackageDefinition;
  new ReflectionService(definition, { services: [...services, 'grpc.health.v1.Health'] }).addToServer(server);
}
