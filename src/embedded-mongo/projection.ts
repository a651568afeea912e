import { check, MongoError } from './errors.js';
import { compileExpression, fieldPath, type Env, type Expression, type Variables } from './expression.js';
import { compileFilter } from './matcher.js';
import { isNumeric, toNumber, wholeArgument } from './numbers.js';
import { isDoc, own, put, type Doc } from './values.js';

/** A tree of the paths of a projection; a leaf keeps, drops or computes its field. */
interface Node {
  children: Map<string, Node>;
  keep?: boolean;
  compute?: (env: Env, current: unknown) => unknown;
}

export type Projection = (doc: Doc) => Doc;

/** What a projection is compiled for: `find` knows `$slice` and `$elemMatch` where `$project` knows none. */
export type Flavour = 'find' | 'project' | 'addFields';

function insert(root: Node, path: string[], leaf: Partial<Node>): void {
  let node = root;
  path.forEach((name, i) => {
    check(!node.keep && !node.compute && node.keep !== false, 31249, `Path collision at ${path.join('.')}`);
    const next: Node = node.children.get(name) ?? { children: new Map() };
    const taken = i === path.length - 1 && node.children.has(name);
    check(!taken, 31250, `Path collision at ${path.join('.')}`);
    node.children.set(name, next);
    node = next;
  });
  Object.assign(node, leaf);
}

/** Collects the leaves of a specification and says whether it includes or excludes. */
class Builder {
  readonly root: Node = { children: new Map() };
  including: boolean | undefined;
  keepId: boolean | undefined;

  constructor(
    private readonly variables: Variables,
    private readonly flavour: Flavour,
  ) {}

  read(spec: Doc, prefix: string[]): void {
    for (const key of Object.keys(spec)) {
      check(
        !key.startsWith('$') || prefix.length > 0,
        'BadValue',
        `FieldPath field names may not start with '$': ${key}`,
      );
      check(this.flavour !== 'find' || !/\.\$(\.|$)/.test(key), 31394, 'positional projection is not supported');
      this.field([...prefix, ...fieldPath(key)], spec[key]);
    }
  }

  private field(path: string[], value: unknown): void {
    const flag = this.flavour === 'addFields' ? undefined : asFlag(value);
    if (flag !== undefined) return this.flag(path, flag);
    const operator = isDoc(value) ? Object.keys(value)[0] : undefined;
    if (isDoc(value) && operator !== undefined && !operator.startsWith('$')) return this.read(value, path);
    const special = this.flavour === 'find' && isDoc(value) ? findOperator(operator, value, this.variables) : undefined;
    if (special) {
      if (operator === '$elemMatch') this.including ??= true;
      return insert(this.root, path, { compute: special });
    }
    check(
      isDoc(value) && operator === undefined ? this.flavour === 'addFields' : true,
      51270,
      'An empty sub-projection is not a valid value.',
    );
    const expression: Expression = compileExpression(value, this.variables);
    if (this.flavour !== 'addFields') {
      check(this.including !== false, 31252, 'Cannot use an expression in an exclusion projection');
      this.including = true;
    }
    insert(this.root, path, { compute: expression });
  }

  private flag(path: string[], keep: boolean): void {
    if (path.length === 1 && path[0] === '_id') {
      this.keepId = keep;
      return;
    }
    const name = path.join('.');
    const mixed = keep
      ? new MongoError(31253, `Cannot do inclusion on field ${name} in exclusion projection`)
      : new MongoError(31254, `Cannot do exclusion on field ${name} in inclusion projection`);
    if (this.including !== undefined && this.including !== keep) throw mixed;
    this.including = keep;
    insert(this.root, path, { keep });
  }
}

function asFlag(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  return isNumeric(value) ? toNumber(value) !== 0 : undefined;
}

function findOperator(name: string | undefined, operand: Doc, variables: Variables): Node['compute'] | undefined {
  if (name === '$elemMatch') {
    const filter = compileFilter({ list: { $elemMatch: operand['$elemMatch'] } }, variables);
    return (_env, current) => {
      const found = Array.isArray(current) ? current.find((element) => filter({ list: [element] })) : undefined;
      return found === undefined ? undefined : [found];
    };
  }
  const isPlain = name === '$slice' && (isNumeric(operand['$slice']) || isNumeric((operand['$slice'] as unknown[])[0]));
  if (!isPlain) return undefined;
  const given = operand['$slice'];
  const [skip, limit] = Array.isArray(given) ? given : [0, given];
  const from = wholeArgument(skip, '$slice', -Infinity);
  const count = wholeArgument(limit, '$slice', Array.isArray(given) ? 1 : -Infinity);
  return (_env, current) => {
    if (!Array.isArray(current)) return current;
    if (!Array.isArray(given)) return count >= 0 ? current.slice(0, count) : current.slice(count);
    const start = from >= 0 ? from : Math.max(0, current.length + from);
    return current.slice(start, start + count);
  };
}

function apply(node: Node, value: unknown, including: boolean, env: Env): unknown {
  if (Array.isArray(value)) {
    const mapped = value.map((element) => apply(node, element, including, env));
    return including ? mapped.filter((element) => element !== undefined) : mapped;
  }
  const computes = [...node.children.values()].some(hasCompute);
  if (!isDoc(value) && !computes) return including ? undefined : value;
  const from: Doc = isDoc(value) ? value : {};
  const result: Doc = {};
  for (const key of Object.keys(from)) {
    const child = node.children.get(key);
    const kept = child ? keepField(child, from[key], including, env) : including ? undefined : from[key];
    if (kept !== undefined) put(result, key, kept);
  }
  for (const [key, child] of node.children) {
    if (Object.hasOwn(from, key) || !hasCompute(child)) continue;
    const computed = child.compute ? child.compute(env, undefined) : apply(child, {}, including, env);
    if (computed !== undefined) put(result, key, computed);
  }
  return result;
}

function keepField(node: Node, value: unknown, including: boolean, env: Env): unknown {
  if (node.compute) return node.compute(env, value);
  if (node.keep !== undefined) return node.keep ? value : undefined;
  return apply(node, value, including, env);
}

function hasCompute(node: Node): boolean {
  return node.compute !== undefined || [...node.children.values()].some(hasCompute);
}

/** Compiles a projection. @throws 31253, 31254 for mixing inclusion and exclusion, and others, before any document. */
export function compileProjection(spec: Doc, variables: Variables, flavour: Flavour): Projection {
  const builder = new Builder(variables, flavour);
  builder.read(spec, []);
  const { root } = builder;
  const including = flavour === 'addFields' ? false : (builder.including ?? builder.keepId === true);
  if (flavour !== 'addFields' && !root.children.has('_id')) {
    if (including && builder.keepId !== false) root.children.set('_id', { children: new Map(), keep: true });
    if (!including && builder.keepId === false) root.children.set('_id', { children: new Map(), keep: false });
  }
  return (doc) => {
    const result = apply(root, doc, including, { root: doc, variables }) as Doc;
    if (!including || !Object.hasOwn(result, '_id')) return result;
    return { _id: own(result, '_id'), ...result };
  };
}
