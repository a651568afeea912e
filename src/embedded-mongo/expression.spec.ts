import { describe, expect, it } from 'vitest';
import { expressions, subject } from '../../test/embedded-mongo/cases/expressions.js';
import { expected, inMemory, outcome } from '../../test/embedded-mongo/cases/typed.js';
import { compileExpression } from './expression.js';

const root = inMemory(subject);
const NOW = new Date('2026-01-02T03:04:05.678Z');

function evaluate(expression: unknown): unknown {
  const variables = { NOW };
  return outcome(() => compileExpression(inMemory(expression), variables)({ root, variables }));
}

describe('an expression', () => {
  it.each(expressions)('%j is %j', (expression, value) => expect(evaluate(expression)).toEqual(expected(value)));

  it.each<[unknown, unknown]>([
    ['$$NOW', NOW],
    [{ $map: { input: [1], in: '$$NOW' } }, [NOW]],
  ])('%j is the time of the command', (expression, value) => expect(evaluate(expression)).toEqual(expected(value)));

  it('is nested 100 levels deep at most', () => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
    expect(evaluate(nested(99))).toEqual(expected(nested(99)));
    expect(evaluate(nested(100))).toEqual({ code: 15, errmsg: 'the expression is nested too deeply' });
  });
});
