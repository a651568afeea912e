import { afterAll, beforeAll, expect, it } from 'vitest';
import { expressions, subject } from './cases/expressions.js';
import { expected } from './cases/typed.js';
import { start, type Running } from './kit.js';
import { wireOutcome } from './wire-outcome.js';

let running: Running;

beforeAll(async () => {
  running = await start({}, { maxPoolSize: 4 });
  await running.db.collection<{ _id: number }>('subject').insertOne(subject);
});

afterAll(() => running.stop());

it('expressions have over the wire the values that they have in src/embedded-mongo/expression.spec.ts', async () => {
  const answers = expressions.map(async ([expression]) => {
    // `$cond` has a constant, such as `true`, be a value and not a choice of the projection.
    const stages = [{ $project: { _id: 0, r: { $cond: [true, expression, null] } } }];
    const rows = running.db.collection('subject').aggregate(stages, { promoteValues: false }).toArray();
    return [expression, await wireOutcome(rows.then(([row]) => row?.['r'] as unknown))];
  });
  expect(await Promise.all(answers)).toEqual(expressions.map(([expression, value]) => [expression, expected(value)]));
});
