import { queryError } from '../query-errors.js';
import type { Field, Scope } from './queryable-fields.js';

const MAX_STEPS = 20;

/**
 * The field behind a name, or an entry of a map (`labels.env`, `tags.owner.name`).
 *
 * A dot steps into a nested object. A key that itself holds a dot or starts with `$` cannot be named so: ask for it
 * with `match`.
 *
 * @throws ERROR_DB_QUERY when there is no such field, or no entry can be called so
 */
export function resolveField(scope: Scope, name: string, key: string): Field {
  const exact = scope.get(name);
  if (exact !== undefined) return exact;
  for (let dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
    const parent = scope.get(name.slice(0, dot));
    if (parent !== undefined && (parent.type === 'map' || parent.type === 'any')) {
      return entry(parent, name, name.slice(dot + 1), key);
    }
  }
  throw queryError(key, 'unknown field', name);
}

function entry(parent: Field, name: string, steps: string, key: string): Field {
  const names = steps.split('.');
  if (names.length > MAX_STEPS) throw queryError(key, `more than ${MAX_STEPS} levels`, name);
  for (const step of names) if (!isPathStep(step)) throw queryError(key, 'a key cannot be called so', name);
  return { path: `${parent.path}.${steps}`, type: 'any', list: parent.list };
}

/** Whether a key can be a step of a database path, where `$`, NUL and the empty name have a meaning or none. */
export function isPathStep(step: string): boolean {
  return step !== '' && step !== '__proto__' && !step.startsWith('$') && !/[.\0]/.test(step);
}
