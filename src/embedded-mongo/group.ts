import { ACCUMULATORS, type Fold } from './accumulators.js';
import { check } from './errors.js';
import { compileExpression, type Variables } from './expression.js';
import { orderKey } from './order.js';
import { isDoc, own, put, type Doc } from './values.js';

/** Compiles a `$group` stage. @throws Location15955 and others, before any document is looked at. */
export function compileGroup(spec: unknown, variables: Variables): (docs: Doc[]) => Doc[] {
  check(isDoc(spec), 15947, "a group's fields must be specified in an object");
  check('_id' in spec, 15955, 'a group specification must include an _id');
  const id = compileExpression(spec['_id'], variables);
  const fields = Object.keys(spec)
    .filter((name) => name !== '_id')
    .map((name) => compileField(name, spec[name], variables));
  return (docs) => {
    const groups = new Map<string, { id: unknown; docs: Doc[] }>();
    for (const root of docs) {
      const value = id({ root, variables }) ?? null;
      const key = orderKey(value);
      const group = groups.get(key);
      if (group) group.docs.push(root);
      else groups.set(key, { id: value, docs: [root] });
    }
    return [...groups.values()].map((group) => {
      const doc: Doc = { _id: group.id };
      for (const { name, input, fold } of fields)
        put(doc, name, fold(group.docs.map((root) => input({ root, variables }))) ?? null);
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
  const fold = own(ACCUMULATORS, operator) as Fold | undefined;
  check(fold, 15952, `unknown group operator '${operator}'`);
  return { name, fold, input: compileExpression(spec[operator], variables) };
}
