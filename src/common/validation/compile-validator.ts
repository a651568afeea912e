import type { Type } from '@nestjs/common';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';
import { getMetadataStorage, IS_ENUM, MAX, MIN } from 'class-validator';
import { validationMetadatasToSchemas } from 'class-validator-jsonschema';
import type { BerthError } from '../errors/berth-error.js';
import { invalidParameter, invalidParameterType, requiredParameter } from '../errors/errors.js';

/** What ts-proto calls an enum number that the proto does not have; never a value a caller may send. */
const UNRECOGNIZED = 'UNRECOGNIZED';

interface PropertySchema {
  enum?: string[];
  [keyword: string]: unknown;
}

interface ObjectSchema {
  properties: Record<string, PropertySchema>;
  [keyword: string]: unknown;
}

export interface CompileOptions {
  /** Read numbers and booleans out of strings, as environment variables need it. */
  readonly coerce?: boolean;
}

/**
 * The JSON Schemas of every class that carries class-validator decorators, by class name. The decorators are the only
 * declaration; unknown properties are refused.
 */
export function schemasOfDecorators(refPointerPrefix: string): Record<string, ObjectSchema> {
  const schemas = validationMetadatasToSchemas({
    refPointerPrefix,
    classTransformerMetadataStorage: defaultMetadataStorage,
    additionalConverters: {
      [IS_ENUM]: (meta) => ({
        type: 'string',
        enum: Object.values(meta.constraints?.[0] as Record<string, string>).filter((name) => name !== UNRECOGNIZED),
      }),
      // Without their own `type: number`, which would hide that of @IsInt().
      [MIN]: (meta) => ({ minimum: meta.constraints?.[0] as number }),
      [MAX]: (meta) => ({ maximum: meta.constraints?.[0] as number }),
    },
  }) as Record<string, ObjectSchema>;
  for (const schema of Object.values(schemas)) schema['additionalProperties'] = false;
  return schemas;
}

/**
 * Compiles the class-validator decorators of a class into one check, made by the first value and run for every one.
 *
 * The check takes a plain value and returns it: null and empty strings of declared properties become undefined (proto3
 * knows no difference), enum numbers become names, absent properties take the defaults of the class.
 *
 * @throws BerthError (from the check) that names the key at fault
 */
export function compileValidator<T extends object>(type: Type<T>, options: CompileOptions = {}): (value: unknown) => T {
  let check: ((value: unknown) => T) | undefined;
  const made = () => (check ??= compile(type, options));
  pending.push(made);
  return (value) => made()(value);
}

/** Checks that nothing has asked for yet. */
const pending: (() => unknown)[] = [];

/** Compiles, one in each turn of the event loop, what no value has asked for yet, so that no caller waits for it. */
export function compilePending(): void {
  const next = pending.shift();
  if (next === undefined) return;
  next();
  setImmediate(compilePending);
}

function compile<T extends object>(type: Type<T>, { coerce = false }: CompileOptions): (value: unknown) => T {
  const { schemas, ajv } = declared(coerce);
  const schema = schemas[type.name] ?? { type: 'object', properties: {}, additionalProperties: false };
  const validate: ValidateFunction = ajv.compile(
    type.name in schemas ? { $ref: `${SCHEMAS}#/definitions/${type.name}` } : schema,
  );
  const properties = Object.entries(schema.properties).map(([name, { enum: names }]) => ({ name, names }));
  const defaults = Object.entries(new type()).filter(([, value]) => value !== undefined);

  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw invalidParameterType('request', 'object');
    }
    const fields = value as Record<string, unknown>;
    for (const { name, names } of properties) {
      const field = fields[name];
      if (field === null || field === '') fields[name] = undefined;
      else if (names !== undefined && typeof field === 'number') fields[name] = names[field] ?? String(field);
    }
    for (const [name, fallback] of defaults) fields[name] ??= fallback;
    if (!validate(fields)) throw errorOf(validate.errors?.[0]);
    return fields as T;
  };
}

/** What all checks refer to. */
const SCHEMAS = 'schemas';

interface Declared {
  readonly schemas: Record<string, ObjectSchema>;
  /** By whether texts are read as numbers. */
  readonly ajv: Map<boolean, Ajv>;
  /** How many decorators there were when the schemas were made. */
  readonly decorators: number;
}

let made: Declared | undefined;

/** The schemas of all classes that are loaded. They are made again only after others were loaded. */
function declared(coerceTypes: boolean): { schemas: Record<string, ObjectSchema>; ajv: Ajv } {
  const decorators = countOfDecorators();
  if (made?.decorators !== decorators) {
    made = { schemas: schemasOfDecorators('#/definitions/'), ajv: new Map(), decorators };
  }
  const { schemas } = made;
  const known = made.ajv.get(coerceTypes);
  if (known !== undefined) return { schemas, ajv: known };
  // What checks schemas is left out: it takes longer to make than all of them, and these are made here.
  const ajv = new Ajv({ strict: false, coerceTypes, verbose: true, meta: false, validateSchema: false });
  ajv.addSchema({ definitions: schemas }, SCHEMAS);
  made.ajv.set(coerceTypes, ajv);
  return { schemas, ajv };
}

function countOfDecorators(): number {
  const { validationMetadatas } = getMetadataStorage() as unknown as {
    validationMetadatas: ReadonlyMap<unknown, readonly unknown[]>;
  };
  let count = 0;
  for (const ofClass of validationMetadatas.values()) count += ofClass.length;
  return count;
}

/** `/query/filter/0/key` as `query.filter[0].key`. */
function keyOf(pointer: string, last?: string): string {
  const parts = pointer.split('/').slice(1);
  if (last !== undefined) parts.push(last);
  return parts.reduce(
    (key, part) => (/^\d+$/.test(part) ? `${key}[${part}]` : key === '' ? part : `${key}.${part}`),
    '',
  );
}

function errorOf(error: ErrorObject | undefined): BerthError {
  if (error === undefined) return invalidParameter('request', 'unreadable');
  const key = keyOf(error.instancePath);
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'required':
      return requiredParameter(keyOf(error.instancePath, String(params['missingProperty'])));
    case 'not':
    case 'minLength':
      return requiredParameter(key);
    case 'additionalProperties':
      return invalidParameter(keyOf(error.instancePath, String(params['additionalProperty'])), 'unknown field');
    case 'type':
      return invalidParameterType(key, String(params['type']));
    case 'enum':
      return typeof error.data === 'object' || typeof error.data === 'boolean'
        ? invalidParameterType(key, 'string')
        : invalidParameter(key, `must be one of ${(params['allowedValues'] as string[]).join(', ')}`, error.data);
    default:
      return invalidParameter(key, error.message ?? error.keyword, error.data);
  }
}
