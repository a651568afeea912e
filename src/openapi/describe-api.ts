import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import type { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { fileDescriptorSet } from '../generated/descriptors.js';
import { type DocumentOptions, openApiDocument } from './openapi-document.js';
import { findOperations } from './operations.js';
import type { Schema } from './schemas.js';

/** The OpenAPI document of everything that the application serves on both transports. */
export function describeApi(discovery: DiscoveryService, scanner: MetadataScanner, options: DocumentOptions): Schema {
  const protos = createFileRegistry(fromBinary(FileDescriptorSetSchema, fileDescriptorSet));
  return openApiDocument(findOperations(discovery, scanner, protos), options);
}
