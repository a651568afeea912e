import fc from 'fast-check';
import type { Document } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { size } from '../support/layer.js';
import { start, type Any, type Running } from './kit.js';
import { passes, sorted, type Item, type Value } from './model.js';
import { Refused, updated } from './update-model.js';

const names = ['a', 'b', 'c'];
const scalar: fc.Arbitrary<Value> = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -2, max: 3 }) },
  fc.constantFrom(0.5, 1.5, 3e9),
  { weight: 2, arbitrary: fc.constantFrom('', 'x', 'y', 'xy') },
  fc.boolean(),
  fc.constant(null),
);
const { value } = fc.letrec<{ value: Value; list: Value[]; doc: Item }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2, depthIdentifier: 'v' },
    { weight: 6, arbitrary: scalar },
    { weight: 2, arbitrary: tie('list') },
    { weight: 2, arbitrary: tie('doc') },
  ),
  list: fc.array(tie('value'), { maxLength: 3, depthIdentifier: 'v' }),
  doc: fc.dictionary(fc.constantFrom(...names), tie('value'), {
    maxKeys: 2,
    depthIdentifier: 'v',
    noNullPrototype: true,
  }),
}));
const item: fc.Arbitrary<Item> = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 3, noNullPrototype: true });
const path = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...names) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom(...names), fc.constantFrom(...names, '0', '1')).map((parts) => parts.join('.')),
  },
  fc
    .tuple(fc.constantFrom(...names), fc.constantFrom('a', 'b', '0'), fc.constantFrom('a', 'b'))
    .map((parts) => parts.join('.')),
);
const comparison = fc
  .tuple(fc.constantFrom('$eq', '$ne', '$gt', '$gte', '$lt', '$lte'), value)
  .map(([name, operand]): Item => ({ [name]: operand }));
const elemMatch = fc.oneof(
  comparison.map((operand): Item => ({ $elemMatch: operand })),
  fc.tuple(fc.constantFrom(...names), scalar).map(([name, operand]): Item => ({ $elemMatch: { [name]: operand } })),
);
const operators = fc.oneof(
  { weight: 5, arbitrary: comparison },
  fc.tuple(comparison, comparison).map(([one, two]): Item => ({ ...one, ...two })),
  fc
    .tuple(fc.constantFrom('$in', '$nin', '$all'), fc.array(value, { maxLength: 3 }))
    .map(([name, list]): Item => ({ [name]: list })),
  fc.boolean().map((wanted): Item => ({ $exists: wanted })),
  fc.integer({ min: 0, max: 3 }).map((size): Item => ({ $size: size })),
  elemMatch,
);
const operand: fc.Arbitrary<Value> = fc.oneof(
  { weight: 2, arbitrary: value },
  { weight: 4, arbitrary: operators },
  operators.map((inner): Item => ({ $not: inner })),
);
const clause: fc.Arbitrary<Item> = fc.dictionary(path, operand, { minKeys: 1, maxKeys: 2, noNullPrototype: true });
const filter: fc.Arbitrary<Item> = fc.oneof(
  { weight: 4, arbitrary: clause },
  fc
    .tuple(fc.constantFrom('$and', '$or', '$nor'), fc.array(clause, { minLength: 1, maxLength: 3 }))
    .map(([name, list]): Item => ({ [name]: list })),
);
const sort = fc
  .uniqueArray(fc.tuple(path, fc.constantFrom<1 | -1>(1, -1)), {
    minLength: 1,
    maxLength: 2,
    selector: ([name]) => name,
  })
  .map((keys): [string, 1 | -1][] => [...keys, ['_id', 1]]);
const setter = fc.tuple(fc.constantFrom('$set', '$push', '$addToSet', '$pull'), path, value);
const counter = fc.tuple(fc.constant('$inc'), path, fc.integer({ min: -5, max: 5 }) as fc.Arbitrary<Value>);
const remover = fc.tuple(fc.constant('$unset'), path, fc.constant<Value>(''));
const update = fc
  .array(fc.oneof({ weight: 4, arbitrary: setter }, counter, remover), { minLength: 1, maxLength: 3 })
  .map((steps) => {
    const result: { [operator: string]: Item } = {};
    for (const [name, at, given] of steps) (result[name] ??= {})[at] = pullable(name, given);
    return result;
  });

/** A document given to `$pull` is a condition and not a value, which the tables cover. */
function pullable(name: string, given: Value): Value {
  return name === '$pull' && typeof given === 'object' && given !== null ? 1 : given;
}

/** So many collections, and of each so many questions are asked. */
const ROUNDS = size(15, 100);
const QUESTIONS = 100;

describe('against an independent model', () => {
  let running: Running;
  let round = 0;

  beforeAll(async () => {
    running = await start({}, { ignoreUndefined: true });
  });

  afterAll(async () => {
    await running.stop();
  });

  async function filled(items: Item[]): Promise<{ docs: Item[]; collection: ReturnType<typeof open> }> {
    const collection = open();
    const docs = items.map((fields, _id): Item => ({ _id, ...fields }));
    if (docs.length > 0) await collection.insertMany(docs as Any[]);
    // Every other collection has indexes, which must not change an answer.
    if (round % 2 === 0) {
      await collection.createIndexes([{ key: { a: 1 } }, { key: { 'a.b': 1 }, sparse: true }, { key: { b: 1 } }]);
    }
    return { docs, collection };
  }

  function open() {
    return running.db.collection<Any>(`model${++round}`);
  }

  it('filters and sorts without a difference', { tags: ['sized'], timeout: 600_000 }, async () => {
    const question = fc.record({ filter, sort });
    const property = fc.asyncProperty(
      fc.array(item, { minLength: 1, maxLength: 12 }),
      fc.array(question, { minLength: QUESTIONS, maxLength: QUESTIONS }),
      async (items, questions) => {
        const { docs, collection } = await filled(items);
        // Arrays side by side refuse a compound index.
        if (round % 2 === 0) await collection.createIndex({ c: 1, b: 1 }).catch(() => undefined);
        const answers = await Promise.all(
          questions.map((one) =>
            collection
              .find(one.filter as Document)
              .sort(Object.fromEntries(one.sort))
              .toArray(),
          ),
        );
        questions.forEach((one, i) => {
          const expected = sorted(
            docs.filter((doc) => passes(doc, one.filter)),
            one.sort,
          );
          expect({ ...one, ids: answers[i]?.map(({ _id }) => _id) }).toEqual({
            ...one,
            ids: expected.map(({ _id }) => _id),
          });
        });
        await collection.drop();
      },
    );
    await fc.assert(property, { numRuns: ROUNDS, endOnFailure: true });
  });

  it('updates without a difference', { tags: ['sized'], timeout: 600_000 }, async () => {
    const property = fc.asyncProperty(
      fc.array(fc.tuple(item, update), { minLength: QUESTIONS, maxLength: QUESTIONS }),
      async (pairs) => {
        const { docs, collection } = await filled(pairs.map(([fields]) => fields));
        const outcomes = await Promise.all(
          pairs.map(([, change], _id) =>
            collection.updateOne({ _id }, change as Document).then(
              () => 'done',
              (error: unknown) => (error as { code: number }).code,
            ),
          ),
        );
        const after = await collection.find().sort({ _id: 1 }).toArray();
        pairs.forEach(([, change], i) => {
          const before = docs[i] as Item;
          const [expected, refused] = attempt(before, change);
          expect({ before, change, doc: after[i] }).toEqual({ before, change, doc: expected });
          expect({ before, change, refused: outcomes[i] !== 'done' }).toEqual({ before, change, refused });
        });
        await collection.drop();
      },
    );
    await fc.assert(property, { numRuns: ROUNDS, endOnFailure: true });
  });
});

function attempt(before: Item, change: { [operator: string]: Item }): [Item, boolean] {
  try {
    return [updated(before, change), false];
  } catch (error) {
    if (error instanceof Refused) return [before, true];
    throw error;
  }
}
