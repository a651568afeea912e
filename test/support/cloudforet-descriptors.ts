import { create, createFileRegistry, type FileRegistry, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type DescriptorProtoSchema,
  EmptySchema,
  type EnumDescriptorProtoSchema,
  FieldDescriptorProto_Label as Label,
  type FieldDescriptorProtoSchema,
  FieldDescriptorProto_Type as Kind,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  type ServiceDescriptorProtoSchema,
  StructSchema,
} from '@bufbuild/protobuf/wkt';
import { type ApiFacts, type FieldFacts } from './cloudforet-api.js';

type File = MessageInitShape<typeof FileDescriptorProtoSchema>;
type Message = MessageInitShape<typeof DescriptorProtoSchema>;
type Field = MessageInitShape<typeof FieldDescriptorProtoSchema>;

const scalars: Readonly<Record<string, Kind>> = {
  string: Kind.STRING,
  bool: Kind.BOOL,
  int32: Kind.INT32,
  uint32: Kind.UINT32,
  double: Kind.DOUBLE,
};

const known = [StructSchema, EmptySchema].map(({ file }) => file.proto);

/** What the package's own descriptors say, made again from the facts: a file for each package. */
export function registryOf(facts: ApiFacts): FileRegistry {
  const packages = [...new Set([...Object.keys(facts.messages), ...Object.keys(facts.enums)].map(packageOf))];
  const file = packages.map((name) => create(FileDescriptorProtoSchema, fileOf(name, facts)));
  const byName = new Map([...known, ...file].map((each) => [each.name, each]));
  return createFileRegistry(create(FileDescriptorSetSchema, { file: inOrder([...byName.values()]) }));
}

function fileOf(name: string, facts: ApiFacts): File {
  const inside = <T>(things: Readonly<Record<string, T>>) =>
    Object.entries(things).filter(([full]) => packageOf(full) === name);
  const methods = inside(facts.services).flatMap(([, service]) => Object.values(service));
  const fields = inside(facts.messages).flatMap(([, message]) => Object.values(message));
  const used = [...methods.flatMap(([request, response]) => [request, response]), ...fields.map(([, type]) => type)];
  const dependency = new Set(
    used.filter((type) => type.includes('.')).map((type) => fileNameOf(packageOf(type), type)),
  );
  dependency.delete(fileNameOf(name, name));
  return {
    name: fileNameOf(name, name),
    package: name,
    syntax: 'proto3',
    dependency: [...dependency],
    messageType: inside(facts.messages).map(([full]) => messageOf(full, facts)),
    enumType: inside(facts.enums)
      .filter(([full]) => parentOf(full) === name)
      .map(([full]) => enumOf(full, facts)),
    service: inside(facts.services).map(([full, service]) => serviceOf(full, service)),
  };
}

function messageOf(full: string, facts: ApiFacts): Message {
  const fields = Object.entries(facts.messages[full] ?? {});
  const oneofs = [...new Set(fields.flatMap(([, facts]) => oneofOf(facts) ?? []))];
  return {
    name: lastOf(full),
    field: fields.map(([name, field]) => fieldOf(name, field, oneofs, facts)),
    oneofDecl: oneofs.map((name) => ({ name })),
    enumType: Object.keys(facts.enums)
      .filter((each) => parentOf(each) === full)
      .map((each) => enumOf(each, facts)),
  };
}

function fieldOf(name: string, field: FieldFacts, oneofs: readonly string[], { enums }: ApiFacts): Field {
  const [number, type, ...modifiers] = field;
  const oneof = oneofOf(field);
  return {
    name,
    jsonName: name,
    number,
    label: modifiers.includes('repeated') ? Label.REPEATED : Label.OPTIONAL,
    type: scalars[type] ?? (type in enums ? Kind.ENUM : Kind.MESSAGE),
    ...(type in scalars ? {} : { typeName: `.${type}` }),
    ...(oneof !== undefined && { oneofIndex: oneofs.indexOf(oneof) }),
  };
}

function enumOf(full: string, { enums }: ApiFacts): MessageInitShape<typeof EnumDescriptorProtoSchema> {
  const values = Object.entries(enums[full] ?? {}).sort(([, a], [, b]) => a - b);
  return { name: lastOf(full), value: values.map(([name, number]) => ({ name, number })) };
}

function serviceOf(
  full: string,
  methods: ApiFacts['services'][string],
): MessageInitShape<typeof ServiceDescriptorProtoSchema> {
  return {
    name: lastOf(full),
    method: Object.entries(methods).map(([name, [request, response, ...modifiers]]) => ({
      name,
      inputType: `.${request}`,
      outputType: `.${response}`,
      serverStreaming: modifiers.includes('server streaming'),
    })),
  };
}

/** Each after those that it imports. */
function inOrder<T extends { readonly name: string; readonly dependency: string[] }>(files: readonly T[]): T[] {
  const ordered = new Set<T>();
  const add = (file: T | undefined): void => {
    if (file === undefined || ordered.has(file)) return;
    for (const name of file.dependency) add(files.find((each) => each.name === name));
    ordered.add(file);
  };
  files.forEach(add);
  return [...ordered];
}

const oneofOf = ([, , ...modifiers]: FieldFacts) =>
  modifiers.find((modifier) => modifier.startsWith('oneof '))?.slice('oneof '.length);

const parentOf = (full: string) => full.slice(0, full.lastIndexOf('.'));
const lastOf = (full: string) => full.slice(full.lastIndexOf('.') + 1);

/** Names of packages have no capitals, those of types begin with one. */
export const packageOf = (full: string) =>
  full
    .split('.')
    .filter((part) => !/^[A-Z]/.test(part))
    .join('.');

/** Types of google.protobuf are in files of their own. */
function fileNameOf(name: string, type: string): string {
  if (name !== 'google.protobuf') return `${name}.proto`;
  return type === EmptySchema.typeName ? EmptySchema.file.proto.name : StructSchema.file.proto.name;
}
