import { isPathStep } from '../fields/resolve-field.js';
import { operatorDictValueType, queryError } from '../query-errors.js';
import { isObject } from '../shape.js';
import { dataFor } from '../values/data-value.js';
import { allOf, type MongoFilter } from './mongo-filter.js';
import type { Operators, Subject } from './operator.js';

/**
 * `match` holds when a map has every entry of the value, or when one element of a list of maps has them all. Here a key
 * is the key itself, whatever characters it has: no path, no operator.
 */
export const matchOperators: Operators = {
  match: {
    types: ['map', 'any'],
    compile: (subject) => (subject.field.list ? elementWith(subject) : mapWith(subject)),
  },
};

function entriesOf({ value, key }: Subject): { name: string; data: unknown }[] {
  if (!isObject(value)) throw operatorDictValueType(key);
  dataFor({ type: 'map' }, value, key);
  return Object.entries(value).map(([name, item]) => {
    if (name === '') throw queryError(key, 'a key must not be empty');
    return { name, data: item === null ? null : dataFor({ type: 'any' }, item, `${key}.${name}`) };
  });
}

function mapWith(subject: Subject): MongoFilter {
  const { path } = subject.field;
  return allOf(
    entriesOf(subject).map(({ name, data }) =>
      isPathStep(name) ? { [`${path}.${name}`]: { $eq: data } } : { $expr: hasEntry(path, name, data) },
    ),
  );
}

/** No path reaches a key that holds a dot or starts with `$`: it is looked for among the map's entries. */
function hasEntry(path: string, name: string, data: unknown): unknown {
  const isMap = { $eq: [{ $type: `$${path}` }, 'object'] };
  const entries = { $objectToArray: { $cond: [isMap, `$${path}`, { $literal: {} }] } };
  const found = { $in: [{ $literal: { k: name, v: data } }, entries] };
  if (data !== null) return found;
  const names = { $map: { input: entries, as: 'entry', in: '$$entry.k' } };
  return { $or: [found, { $not: [{ $in: [{ $literal: name }, names] }] }] };
}

function elementWith(subject: Subject): MongoFilter {
  const entries = entriesOf(subject).map(({ name, data }) => {
    if (!isPathStep(name)) throw queryError(subject.key, 'in a list of maps no key can be called so', name);
    return { [name]: { $eq: data } };
  });
  return { [subject.field.path]: { $elemMatch: allOf(entries) } };
}
