import { type Server, type ServerDuplexStream, status } from '@grpc/grpc-js';
import { guardedService } from '../common/grpc/service-definition.js';
import { UnreadableRequest } from '../common/grpc/unreadable-request.js';
import { fileDescriptorSet } from '../generated/descriptors.js';
import {
  ServerReflectionService as ReflectionV1,
  type ServerReflectionRequest,
  type ServerReflectionResponse,
} from '../generated/grpc/reflection/v1/reflection.js';
import { ServerReflectionService as ReflectionV1Alpha } from '../generated/grpc/reflection/v1alpha/reflection.js';
import { DescriptorIndex } from './descriptor-index.js';

type Stream = ServerDuplexStream<ServerReflectionRequest | UnreadableRequest, ServerReflectionResponse>;
type Answer = Omit<ServerReflectionResponse, 'valid_host' | 'original_request'>;

/** Services that every server has, besides its own. */
const OWN = [
  'grpc.health.v1.Health',
  'grpc.reflection.v1.ServerReflection',
  'grpc.reflection.v1alpha.ServerReflection',
];

/**
 * Adds server reflection (v1 and v1alpha). It answers with the descriptors of the real files: imports resolve by the
 * names that the files give them, and options stay as they are.
 *
 * @param services full names of the services to list. Cloudforet's clients know a service by the last part of its name,
 * and of several with the same one they take the last that is listed.
 */
export function addReflection(server: Server, services: readonly string[]): void {
  let made: DescriptorIndex | undefined;
  const index = () => (made ??= new DescriptorIndex(fileDescriptorSet));
  const listed = [...OWN, ...services];
  const handler = (stream: Stream) => serve(stream, (request) => answer(index, listed, request));
  // Both versions have the same messages.
  for (const service of [ReflectionV1, ReflectionV1Alpha]) {
    server.addService(guardedService(service), { ServerReflectionInfo: handler });
  }
}

function serve(stream: Stream, answerTo: (request: ServerReflectionRequest) => Answer): void {
  stream.on('data', (request: ServerReflectionRequest | UnreadableRequest) => {
    if (request instanceof UnreadableRequest) {
      const { code, message, status: answered } = request.error;
      stream.emit('error', { code: answered, details: `${code}: ${message}` });
      return;
    }
    const taken = stream.write({ valid_host: request.host, original_request: request, ...answerTo(request) });
    if (taken) return;
    // Who does not read what it has asked for is not listened to meanwhile.
    stream.pause();
    stream.once('drain', () => stream.resume());
  });
  stream.on('end', () => stream.end());
}

function answer(index: () => DescriptorIndex, services: readonly string[], request: ServerReflectionRequest): Answer {
  if (request.list_services !== undefined) {
    return { list_services_response: { service: services.map((name) => ({ name })) } };
  }
  if (request.file_by_filename !== undefined) {
    return fileAnswer(index().fileByName(request.file_by_filename), request.file_by_filename);
  }
  if (request.file_containing_symbol !== undefined) {
    return fileAnswer(index().fileOfSymbol(request.file_containing_symbol), request.file_containing_symbol);
  }
  if (request.file_containing_extension !== undefined) {
    const { containing_type: type = '', extension_number: number = 0 } = request.file_containing_extension;
    return fileAnswer(index().fileOfExtension(type, number), `${type} ${number}`);
  }
  if (request.all_extension_numbers_of_type !== undefined) {
    const type = request.all_extension_numbers_of_type;
    const numbers = index().extensionNumbers(type);
    if (numbers === undefined) return failure(status.NOT_FOUND, `There is no message ${shown(type)}.`);
    return { all_extension_numbers_response: { base_type_name: type, extension_number: numbers } };
  }
  return failure(status.INVALID_ARGUMENT, 'The request asks for nothing that is known here.');
}

function fileAnswer(files: Uint8Array[] | undefined, name: string): Answer {
  if (files === undefined) return failure(status.NOT_FOUND, `There is no ${shown(name)}.`);
  return { file_descriptor_response: { file_descriptor_proto: files } };
}

function failure(code: status, message: string): Answer {
  return { error_response: { error_code: code, error_message: message } };
}

const shown = (name: string) => JSON.stringify(name.slice(0, 200));
