import { ACCUMULATORS, type Accumulator } from './accumulators.js';
import { check } from './errors.js';
import { compileExpression, type Variables } from './expression.js';
import { orderKey } from './order.js';
import { isDoc, put, type Doc } from './values.js';

type Stage = (docs: Doc[]) => Doc[];

/** Compiles a `$group` stage. @throws Location15955 and others, before any document is looked at. */
export function compileGroup(spec: unknown, variables: Variables): Stage {
  check(isDoc(spec), 15947, "a group's fields must be specified in an object");
  check('_id' in spec, 15955, 'a group specification must include an _id');
  const id = compileExpression(spec['_id'], variables);
  const fields = Object.keys(spec)
    .filter((name) => name !== '_id')
    .map((name) => compileField(name, spec[name], variables));
  return (docs) => {
    const groups = new Map<string, { id: unknown; cells: Accumulator[] }>();
    for (const root of docs) {
      const value = id({ root, variables }) ?? null;
      const key = orderKey(value);
      const group = groups.get(key) ?? { id: value, cells: fields.map((field) => field.make()) };
      groups.set(key, group);
      fields.forEach((field, i) => group.cells[i]?.add(field.input({ root, variables })));
    }
    return [...groups.values()].map((group) => {
      const doc: Doc = { _id: group.id };
      fields.forEach((field, i) => put(doc, field.name, group.cells[i]?.result() ?? null));
      return doc;
    });
  };
}

function compileField(name: string, spec: unknown, variables: Variables) {
  check(!name.includes('.'), 40235, `The field name '${name}' cannot contain '.'`);
  const operators = isDoc(spec) ? Object.keys(spec) : [];
  check(isDoc(spec) && operators.length > 0, 40234, `The field '${name}' must be an accumulator object`);
  check(operators.length === 1, 40238, `The field '${name}' must specify one accumulator`);
  const operator = operators[0] ?? '';
  const counting = operator === '$count';
  const make = ACCUMULATORS[counting ? '$sum' : operator];
  check(make, 15952, `unknown group operator '${operator}'`);
  return { name, make, input: compileExpression(counting ? { $literal: 1 } : spec[operator], variables) };
}
