import { orderKey } from './order.js';
import { isDoc, put, typeName, type Doc } from './values.js';

/** What an update changed, as `updateDescription` of a change event tells it. */
export function describeUpdate(before: Doc, after: Doc): Doc {
  const updatedFields: Doc = {};
  const removedFields: string[] = [];
  const truncatedArrays: Doc[] = [];
  compareDocs(before, after, '', { updatedFields, removedFields, truncatedArrays });
  return { updatedFields, removedFields, truncatedArrays };
}

interface Description {
  updatedFields: Doc;
  removedFields: string[];
  truncatedArrays: Doc[];
}

function compareDocs(before: Doc, after: Doc, prefix: string, into: Description): void {
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) into.removedFields.push(prefix + key);
  for (const key of Object.keys(after)) {
    if (Object.hasOwn(before, key)) compareValues(before[key], after[key], prefix + key, into);
    else put(into.updatedFields, prefix + key, after[key]);
  }
}

function compareValues(before: unknown, after: unknown, path: string, into: Description): void {
  if (before === after) return;
  if (isDoc(before) && isDoc(after)) return compareDocs(before, after, `${path}.`, into);
  if (Array.isArray(before) && Array.isArray(after)) return compareArrays(before, after, path, into);
  if (typeName(before) === typeName(after) && orderKey(before) === orderKey(after)) return;
  put(into.updatedFields, path, after);
}

function compareArrays(before: unknown[], after: unknown[], path: string, into: Description): void {
  if (after.length < before.length) {
    const cut = after.every((item, i) => item === before[i] || orderKey(item) === orderKey(before[i]));
    if (cut) into.truncatedArrays.push({ field: path, newSize: after.length });
    else put(into.updatedFields, path, after);
    return;
  }
  after.forEach((item, i) => {
    if (i >= before.length) put(into.updatedFields, `${path}.${i}`, item);
    else compareValues(before[i], item, `${path}.${i}`, into);
  });
}
