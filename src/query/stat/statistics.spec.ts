import { expect, it } from 'vitest';
import { few, statistics } from '../../../test/query/cases/statistics.js';
import { evaluator } from '../../../test/query/evaluator.js';
import { NOW, sampleFields } from '../../../test/query/sample.js';
import { compileStat } from './compile-stat.js';
import { readStat } from './read-stat.js';

const evaluate = evaluator(few);

it.each(statistics)('%j', (query, answer) => {
  const compiled = compileStat(query, sampleFields, { now: NOW });
  const count = compiled.count && evaluate(compiled.count);
  expect(readStat(compiled, evaluate(compiled.rows), count)).toEqual(answer);
});
