/**
 * What a field holds. `map` is an object with keys of the callers' choice, whose entries are asked for as
 * `labels.<key>`; `any` is any JSON value.
 */
export type FieldType = 'string' | 'number' | 'boolean' | 'datetime' | 'map' | 'any';

/** How one field of a resource is stored. */
export interface FieldDeclaration {
  readonly type: FieldType;
  /** The stored path, when it differs from the field's name. */
  readonly path?: string;
  /** The field is a list of values of this type. */
  readonly list?: boolean;
}

/** One key to sort by. */
export interface SortKey {
  readonly key: string;
  readonly desc?: boolean;
}

/** Which fields of a resource queries may name, and what stands behind them. */
export interface ResourceDeclaration {
  readonly fields: Readonly<Record<string, FieldDeclaration>>;
  /** A field whose value no two rows share: it ends every order, so that pages neither overlap nor leave rows out. */
  readonly identity: string;
  /** Text fields in which the words of `keyword` are looked for. */
  readonly keywordFields: readonly string[];
  /** What `minimal` answers. */
  readonly minimalFields: readonly string[];
  /** The order of a query that names none. */
  readonly defaultSort?: readonly SortKey[];
}

/** A field as the compiler sees it. */
export interface Field {
  readonly path: string;
  readonly type: FieldType;
  readonly list: boolean;
}

/** The fields that can be named at one point of a query, by name. */
export type Scope = ReadonlyMap<string, Field>;

/** A checked {@link ResourceDeclaration}; made once per resource, by {@link defineFields}. */
export interface QueryableFields {
  readonly scope: Scope;
  readonly identity: string;
  readonly keywordFields: readonly string[];
  readonly minimalFields: readonly string[];
  readonly defaultSort: readonly SortKey[];
}

/**
 * Declares what queries may name of a resource.
 *
 * @throws TypeError when a list of the declaration names a field that is not declared
 */
export function defineFields(declaration: ResourceDeclaration): QueryableFields {
  const { fields, identity, keywordFields, minimalFields, defaultSort = [] } = declaration;
  for (const name of [identity, ...keywordFields, ...minimalFields, ...defaultSort.map(({ key }) => key)]) {
    if (!Object.hasOwn(fields, name)) throw new TypeError(`'${name}' is not a declared field`);
  }
  const scope = new Map(
    Object.entries(fields).map(([name, { type, path = name, list = false }]) => [name, { type, path, list }]),
  );
  return { scope, identity, keywordFields, minimalFields, defaultSort };
}
