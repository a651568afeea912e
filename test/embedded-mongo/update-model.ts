import { order, type Item, type Value } from './model.js';

/** An update the server must refuse too. */
export class Refused extends Error {}

type Holder = { get(): Value | undefined; set(value: Value): void; unset(): void };

/** Where a path leads, without making anything; `undefined` when it leads nowhere. */
function locate(root: Item, path: string[], create: boolean): Holder | undefined {
  let at: Value = root;
  for (const [i, name] of path.slice(0, -1).entries()) {
    let next: Value | undefined = step(at, name);
    if (next === undefined) {
      if (!create) return undefined;
      next = {};
      place(at, name, next);
    }
    if (typeof next !== 'object' || next === null) {
      if (create) throw new Refused(`through a scalar at ${path.slice(0, i + 1).join('.')}`);
      return undefined;
    }
    at = next;
  }
  const parent = at;
  const last = path.at(-1) ?? '';
  if (create && Array.isArray(parent) && !/^\d+$/.test(last)) throw new Refused('a name in an array');
  return {
    get: () => step(parent, last),
    set: (value) => place(parent, last, value),
    unset: () => {
      if (Array.isArray(parent)) {
        if (/^\d+$/.test(last) && Number(last) < parent.length) parent[Number(last)] = null;
      } else {
        delete (parent as Item)[last];
      }
    },
  };
}

function step(at: Value, name: string): Value | undefined {
  if (Array.isArray(at)) return /^\d+$/.test(name) ? at[Number(name)] : undefined;
  return (at as Item)[name];
}

function place(at: Value, name: string, value: Value): void {
  if (!Array.isArray(at)) {
    (at as Item)[name] = value;
    return;
  }
  if (!/^\d+$/.test(name)) throw new Refused('a name in an array');
  while (at.length < Number(name)) at.push(null);
  at[Number(name)] = value;
}

/** The document after an update of operators, or {@link Refused}; the original is left alone. */
export function updated(doc: Item, update: { [operator: string]: Item }): Item {
  const result = structuredClone(doc);
  const steps = Object.entries(update).flatMap(([name, fields]) =>
    Object.entries(fields).map(([path, operand]) => ({ name, path, operand })),
  );
  for (const a of steps) {
    for (const b of steps) {
      if (a !== b && (a.path === b.path || b.path.startsWith(`${a.path}.`))) throw new Refused('conflict');
    }
  }
  steps.sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const { name, path, operand } of steps) change(result, name, path.split('.'), operand);
  return result;
}

function change(doc: Item, name: string, path: string[], operand: Value): void {
  if (name === '$unset') {
    locate(doc, path, false)?.unset();
    return;
  }
  const existing = locate(doc, path, false)?.get();
  const list = (): Value[] => {
    if (existing !== undefined && !Array.isArray(existing)) throw new Refused(`${name} of no array`);
    return existing ?? [];
  };
  const set = (value: Value): void => locate(doc, path, true)?.set(value);
  switch (name) {
    case '$set':
      return set(operand);
    case '$inc':
      if (existing !== undefined && typeof existing !== 'number') throw new Refused('$inc of no number');
      return set((existing ?? 0) + (operand as number));
    case '$push':
      return set([...list(), operand]);
    case '$addToSet': {
      const items = list();
      return set(items.some((item) => order(item, operand) === 0) ? items : [...items, operand]);
    }
    case '$pull':
      if (existing !== undefined) set(list().filter((item) => order(item, operand) !== 0));
      return;
    default:
      throw new Error(`the model has no ${name}`);
  }
}
