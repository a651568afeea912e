import { readFileSync } from 'node:fs';

/** [number, full name of the type, `repeated` or `oneof <name>`] */
export type FieldFacts = readonly [number: number, type: string, ...modifiers: string[]];
/** [full name of the request, of the response, `server streaming`] */
export type MethodFacts = readonly [request: string, response: string, ...modifiers: string[]];

type ByName<T> = Readonly<Record<string, T>>;

/** The wire of Cloudforet's published API package, as facts: all by full names. */
export interface ApiFacts {
  /** The package and its version. */
  readonly source: string;
  /** Methods by their names. */
  readonly services: ByName<ByName<MethodFacts>>;
  /** Fields by their names. */
  readonly messages: ByName<ByName<FieldFacts>>;
  /** Numbers of the values by their names. */
  readonly enums: ByName<ByName<number>>;
}

/** Taken from the descriptors in the package, never from our own protos. */
export const cloudforetApi = JSON.parse(
  readFileSync(new URL('../fixtures/spaceone-api-2.0.435.json', import.meta.url), 'utf8'),
) as ApiFacts;
