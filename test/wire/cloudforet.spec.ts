import { createFileRegistry, type DescField, type DescFile, fromBinary, ScalarType } from '@bufbuild/protobuf';
import { nestedTypes } from '@bufbuild/protobuf/reflect';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';
import { fileDescriptorSet } from '../../src/generated/descriptors.js';
import { type ApiFacts, cloudforetApi, type FieldFacts, type MethodFacts } from '../support/cloudforet-api.js';
import { packageOf } from '../support/cloudforet-descriptors.js';
import { leftOut } from './left-out.js';

/** Ours, and those of Google and gRPC, which are not in the package. */
const notCloudforet = /^(berth|google|grpc)\./;

const descriptors = createFileRegistry(fromBinary(FileDescriptorSetSchema, fileDescriptorSet));
const ours = factsOf([...descriptors.files].filter(({ proto }) => !notCloudforet.test(proto.package)));

describe(`every proto of a foreign package says what ${cloudforetApi.source} says`, () => {
  it.each(Object.keys(ours.services))('of the service %s', (name) => {
    const methods = Object.entries(cloudforetApi.services[name] ?? {});
    const taken = methods.filter(([method]) => !leftOut.has(`${name}.${method}`));
    expect(ours.services[name]).toEqual(Object.fromEntries(taken));
  });

  it.each(Object.keys(ours.messages))('of the message %s', (name) => {
    expect(ours.messages[name]).toEqual(cloudforetApi.messages[name]);
  });

  it.each(Object.keys(ours.enums))('of the enum %s', (name) => {
    expect(ours.enums[name]).toEqual(cloudforetApi.enums[name]);
  });
});

it('leaves out the services and methods that are listed, and no others', () => {
  const packages = new Set(Object.keys(ours.services).map(packageOf));
  const missing = Object.entries(cloudforetApi.services)
    .filter(([name]) => packages.has(packageOf(name)))
    .flatMap(([name, methods]) => {
      const service = ours.services[name];
      if (service === undefined) return [name];
      return Object.keys(methods).flatMap((method) => (method in service ? [] : [`${name}.${method}`]));
    });
  expect(missing.sort()).toEqual([...leftOut].sort());
});

/** What descriptors say, as facts. */
function factsOf(files: readonly DescFile[]): ApiFacts {
  const services: Record<string, Record<string, MethodFacts>> = {};
  const messages: Record<string, Record<string, FieldFacts>> = {};
  const enums: Record<string, Record<string, number>> = {};
  for (const type of files.flatMap((file) => [...nestedTypes(file)])) {
    if (type.kind === 'service') {
      services[type.typeName] = Object.fromEntries(
        type.methods.map(({ name, input, output, methodKind }) => [
          name,
          [input.typeName, output.typeName, ...(methodKind === 'unary' ? [] : [methodKind.replace('_', ' ')])],
        ]),
      );
    }
    if (type.kind === 'message') {
      messages[type.typeName] = Object.fromEntries(type.fields.map((field) => [field.name, factsOfField(field)]));
    }
    if (type.kind === 'enum') {
      enums[type.typeName] = Object.fromEntries(type.values.map(({ name, number }) => [name, number]));
    }
  }
  return { source: 'proto/', services, messages, enums };
}

function factsOfField({ number, proto, oneof, fieldKind }: DescField): FieldFacts {
  const type = proto.typeName === '' ? ScalarType[proto.type]?.toLowerCase() : proto.typeName.slice(1);
  const repeated = fieldKind === 'list' ? ['repeated'] : [];
  return [number, String(type), ...repeated, ...(oneof === undefined ? [] : [`oneof ${oneof.name}`])];
}
