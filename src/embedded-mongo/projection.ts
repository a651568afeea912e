import { check } from './errors.js';
import { compileExpression, fieldPath, type Env, type Expression, type Variables } from './expression.js';
import { isNumeric } from './numbers.js';
import { isDoc, put, type Doc } from './values.js';

/** What becomes of a field: kept, dropped, computed, or each of its own fields apart. */
type Node = boolean | Expression | Map<string, Node>;
type Tree = Map<string, Node>;

export type Projection = (doc: Doc) => Doc;

/** Reads a specification into a tree of its paths, and says whether it includes or excludes. */
class Builder {
  readonly tree: Tree = new Map();
  including: boolean | undefined;
  keepId: boolean | undefined;

  constructor(
    private readonly variables: Variables,
    private readonly adding: boolean,
  ) {}

  read(spec: Doc, prefix: string[]): void {
    for (const key of Object.keys(spec)) this.field([...prefix, ...fieldPath(key)], spec[key]);
  }

  private field(path: string[], value: unknown): void {
    if (!this.adding && (typeof value === 'boolean' || isNumeric(value))) {
      return this.flag(path, Number(value) !== 0);
    }
    const first = isDoc(value) ? Object.keys(value)[0] : undefined;
    if (isDoc(value) && first !== undefined && !first.startsWith('$')) return this.read(value, path);
    const empty = isDoc(value) && first === undefined && !this.adding;
    check(!empty, 51270, 'An empty sub-projection is not a valid value.');
    const expression = compileExpression(value, this.variables);
    check(this.adding || this.including !== false, 31252, 'Cannot use an expression in an exclusion projection');
    this.including = true;
    this.insert(path, expression);
  }

  private flag(path: string[], keep: boolean): void {
    const name = path.join('.');
    if (name === '_id') {
      this.keepId = keep;
      return;
    }
    const mixed = this.including !== undefined && this.including !== keep;
    check(!mixed || !keep, 31253, `Cannot do inclusion on field ${name} in exclusion projection`);
    check(!mixed, 31254, `Cannot do exclusion on field ${name} in inclusion projection`);
    this.including = keep;
    this.insert(path, keep);
  }

  private insert(path: string[], leaf: Node): void {
    let tree = this.tree;
    for (const name of path.slice(0, -1)) {
      const next = tree.get(name) ?? new Map<string, Node>();
      check(next instanceof Map, 31249, `Path collision at ${path.join('.')}`);
      tree.set(name, next);
      tree = next;
    }
    const last = path.at(-1) as string;
    check(!tree.has(last), 31250, `Path collision at ${path.join('.')}`);
    tree.set(last, leaf);
  }
}

function apply(tree: Tree, value: unknown, including: boolean, env: Env): unknown {
  if (Array.isArray(value)) {
    const mapped = value.map((element) => apply(tree, element, including, env));
    return including ? mapped.filter((element) => element !== undefined) : mapped;
  }
  if (!isDoc(value) && !computes(tree)) return including ? undefined : value;
  const from: Doc = isDoc(value) ? value : {};
  const result: Doc = {};
  for (const key of Object.keys(from)) {
    const node = tree.get(key);
    const kept = node !== undefined ? project(node, from[key], including, env) : including ? undefined : from[key];
    if (kept !== undefined) put(result, key, kept);
  }
  for (const [key, node] of tree) {
    if (Object.hasOwn(from, key) || !computes(node)) continue;
    const computed = project(node, undefined, including, env);
    if (computed !== undefined) put(result, key, computed);
  }
  return result;
}

function project(node: Node, value: unknown, including: boolean, env: Env): unknown {
  if (typeof node === 'function') return node(env);
  if (typeof node === 'boolean') return node ? value : undefined;
  return apply(node, value, including, env);
}

function computes(node: Node): boolean {
  return typeof node === 'function' || (node instanceof Map && [...node.values()].some(computes));
}

/**
 * Compiles a projection, or with `adding` the fields of `$set`.
 * @throws 31253, 31254 for mixing inclusion and exclusion, and others, before any document.
 */
export function compileProjection(spec: Doc, variables: Variables, adding = false): Projection {
  const builder = new Builder(variables, adding);
  builder.read(spec, []);
  const { tree, keepId } = builder;
  const including = !adding && (builder.including ?? keepId === true);
  if (!tree.has('_id') && (including ? keepId !== false : keepId === false)) tree.set('_id', including);
  return (doc) => {
    const result = apply(tree, doc, including, { root: doc, variables }) as Doc;
    if (!including || !('_id' in result)) return result;
    const { _id, ...rest } = result;
    return { _id, ...rest };
  };
}
