import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import type { handleBidiStreamingCall, MethodDefinition } from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { protoPath as healthProto } from 'grpc-health-check';
import { fileDescriptorSet } from '../../../src/generated/descriptors.js';

/** What answers the questions of one version of the reflection protocol. */
export interface Reflector {
  readonly method: MethodDefinition<unknown, unknown>;
  readonly handler: handleBidiStreamingCall<unknown, unknown>;
}

/** By the path of its method. */
export type Reflectors = ReadonlyMap<string, Reflector>;

/**
 * Reflection over the descriptors of the real files. Heavy to load: reach it through `reflection()` only.
 *
 * @param services the full names that are listed
 */
export function loadReflectors(services: readonly string[]): Reflectors {
  const { file } = fromBinary(FileDescriptorSetSchema, fileDescriptorSet);
  const fileDescriptorProtos = file.map((proto) => Buffer.from(toBinary(FileDescriptorProtoSchema, proto)));
  const definition = { ...loadSync(healthProto), files: { fileDescriptorProtos } } as unknown as PackageDefinition;
  const reflectors = new Map<string, Reflector>();
  new ReflectionService(definition, { services: [...services] }).addToServer({
    addService: (service, handlers) => {
      for (const [name, method] of Object.entries(service)) {
        reflectors.set(method.path, { method, handler: handlers[name] as Reflector['handler'] });
      }
    },
  });
  return reflectors;
}
