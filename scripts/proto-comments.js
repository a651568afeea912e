// What the protos say of their services, methods, messages and fields, for the documentation of the REST API.
import { fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

/** The lists that a path through a descriptor names by field numbers, and what their elements are. */
const lists = {
  file: { 4: ['messageType', 'message'], 5: ['enumType', 'enum'], 6: ['service', 'service'] },
  message: { 2: ['field', 'leaf'], 3: ['nestedType', 'message'], 4: ['enumType', 'enum'] },
  enum: { 2: ['value', 'leaf'] },
  service: { 2: ['method', 'leaf'] },
};

/**
 * @param bytes a serialized FileDescriptorSet with source info
 * @param folders the files that are wanted begin with one of them
 * @returns comments by the full name of what they stand at
 */
export function protoComments(bytes, folders) {
  const files = fromBinary(FileDescriptorSetSchema, bytes).file.filter(({ name }) =>
    folders.some((folder) => name.startsWith(folder)),
  );
  return Object.fromEntries(
    files.flatMap((file) =>
      (file.sourceCodeInfo?.location ?? []).flatMap(({ path, leadingComments }) => {
        const name = leadingComments === '' ? undefined : nameOf(file, path);
        return name === undefined ? [] : [[name, leadingComments.replaceAll(/\s+/g, ' ').trim()]];
      }),
    ),
  );
}

function nameOf(file, path) {
  const names = [file.package];
  let [at, kind] = [file, 'file'];
  for (let step = 0; step < path.length; step += 2) {
    const [list, next] = lists[kind]?.[path[step]] ?? [];
    at = at[list]?.[path[step + 1]];
    if (at === undefined) return undefined;
    names.push(at.name);
    kind = next;
  }
  return names.join('.');
}
