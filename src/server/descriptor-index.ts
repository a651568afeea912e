import { createFileRegistry, type DescFile, type FileRegistry, fromBinary, toBinary } from '@bufbuild/protobuf';
import { nestedTypes } from '@bufbuild/protobuf/reflect';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

/** Protobuf files by what clients ask for: each answer has the file itself, then all that it imports. */
export class DescriptorIndex {
  private readonly registry: FileRegistry;
  private readonly bytes = new Map<DescFile, Uint8Array>();
  private readonly bySymbol = new Map<string, DescFile>();
  private readonly byExtension = new Map<string, Map<number, DescFile>>();

  /** @param descriptors a serialized google.protobuf.FileDescriptorSet */
  constructor(descriptors: Uint8Array) {
    this.registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptors));
    for (const file of this.registry.files) {
      // Options that nobody here reads are unknown fields to it, and are written as they were read.
      this.bytes.set(file, toBinary(FileDescriptorProtoSchema, file.proto));
      for (const symbol of symbolsOf(file)) this.bySymbol.set(symbol, file);
      this.addExtensions(file);
    }
  }

  /** @param name as other files import it: `google/protobuf/struct.proto` */
  fileByName(name: string): Uint8Array[] | undefined {
    return this.withImports(this.registry.getFile(name));
  }

  /** @param symbol full name of a message, field, enum, enum value, extension, service or method */
  fileOfSymbol(symbol: string): Uint8Array[] | undefined {
    return this.withImports(this.bySymbol.get(symbol));
  }

  fileOfExtension(message: string, number: number): Uint8Array[] | undefined {
    return this.withImports(this.byExtension.get(message)?.get(number));
  }

  /** Undefined when there is no such message. */
  extensionNumbers(message: string): number[] | undefined {
    if (this.registry.getMessage(message) === undefined) return undefined;
    return [...(this.byExtension.get(message)?.keys() ?? [])].sort((a, b) => a - b);
  }

  private addExtensions(file: DescFile): void {
    for (const type of nestedTypes(file)) {
      if (type.kind !== 'extension') continue;
      const known = this.byExtension.get(type.extendee.typeName) ?? new Map<number, DescFile>();
      this.byExtension.set(type.extendee.typeName, known.set(type.number, file));
    }
  }

  private withImports(file: DescFile | undefined): Uint8Array[] | undefined {
    if (file === undefined) return undefined;
    const files = new Set([file]);
    // A set is walked in the order of its insertion, also while it grows.
    for (const { dependencies } of files) for (const imported of dependencies) files.add(imported);
    return [...files].map((each) => this.bytes.get(each) ?? new Uint8Array());
  }
}

function* symbolsOf(file: DescFile): Iterable<string> {
  for (const type of nestedTypes(file)) {
    yield type.typeName;
    if (type.kind === 'message') for (const { name } of type.members) yield `${type.typeName}.${name}`;
    if (type.kind === 'service') for (const { name } of type.methods) yield `${type.typeName}.${name}`;
    if (type.kind === 'enum') {
      // Its values are named as its siblings are.
      const scope = type.parent?.typeName ?? file.proto.package;
      for (const { name } of type.values) yield scope === '' ? name : `${scope}.${name}`;
    }
  }
}
