import { check, MongoError } from './errors.js';
import type { Compile, Env, Expression, Variables } from './expression-kit.js';
import { OPERATORS } from './expression-operators.js';
import { resolve } from './paths.js';
import { isDoc, put, type Doc } from './values.js';

export type { Env, Expression, Variables };

const MAX_DEPTH = 100;

/**
 * Compiles an aggregation expression.
 * @throws InvalidPipelineOperator and others for anything that is not served, before any document is looked at.
 */
export function compileExpression(expression: unknown, variables: Variables): Expression {
  return compileIn(expression, Object.keys(variables), 0);
}

function compileIn(expression: unknown, scope: readonly string[], depth: number): Expression {
  check(depth < MAX_DEPTH, 'Overflow', 'the expression is nested too deeply');
  const compile: Compile = (inner, more) => compileIn(inner, more ? [...scope, more] : scope, depth + 1);
  if (typeof expression === 'string' && expression.startsWith('$')) return compilePath(expression, scope);
  if (Array.isArray(expression)) {
    const items = expression.map((item) => compile(item));
    return (env) => items.map((item) => item(env) ?? null);
  }
  if (!isDoc(expression)) return () => expression;
  const name = Object.keys(expression)[0];
  return name?.startsWith('$') ? compileOperator(expression, name, compile) : compileObject(expression, compile);
}

function compilePath(text: string, scope: readonly string[]): Expression {
  if (!text.startsWith('$$')) {
    const path = fieldPath(text.slice(1));
    return (env) => resolve(env.root, path);
  }
  const [name, ...rest] = text.slice(2).split('.') as [string, ...string[]];
  if (name === 'ROOT') return (env) => resolve(env.root, rest);
  check(scope.includes(name), 17276, `Use of undefined variable: ${name}`);
  return (env) => resolve(env.variables[name], rest);
}

/** A field path of an expression. @throws Location15998, Location16410 */
export function fieldPath(text: string): string[] {
  const path = text.split('.');
  check(!path.includes(''), 15998, 'FieldPath field names may not be empty strings.');
  check(!path.some((name) => name.startsWith('$')), 16410, `FieldPath field names may not start with '$': ${text}`);
  return path;
}

function compileOperator(expression: Doc, name: string, compile: Compile): Expression {
  const fields = Object.keys(expression).length;
  check(fields === 1, 15983, `an expression specification must contain exactly one field, found ${fields} fields`);
  const build = OPERATORS[name];
  if (!build) throw new MongoError('InvalidPipelineOperator', `Unrecognized expression '${name}'`);
  return build(expression[name], compile);
}

function compileObject(expression: Doc, compile: Compile): Expression {
  const fields = Object.keys(expression).map((key) => {
    check(!key.includes('.'), 16405, `FieldPath field names may not contain '.': ${key}`);
    return [key, compile(expression[key])] as const;
  });
  return (env) => {
    const result: Doc = {};
    for (const [key, field] of fields) {
      const value = field(env);
      if (value !== undefined) put(result, key, value);
    }
    return result;
  };
}
