import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import type { Given } from '../../support/worlds.js';

type Message = Readonly<Record<string, unknown>>;

/** How a call is refused: the code, and what the message says. */
export interface Refusal {
  readonly code: string;
  readonly text: string;
}

/** One call, and what both transports answer to it. Names with a `$` stand for what the world has; see `World`. */
export interface RpcCase {
  readonly method: string;
  readonly name: string;
  readonly given: Given;
  readonly request: Message;
  readonly expected: Message | Refusal;
  /** For `x_domain_id`. */
  readonly domain?: string;
}

/** A row of a table: what is asked, in which world, with what, and what comes back. */
export type Row = readonly [name: string, given: Given, request: Message, expected: Message | Refusal];

export const refused = (code: string, text: string): Refusal => ({ code, text });

/** This and no field more. */
export const exactly = (value: unknown): unknown =>
  expect.toSatisfy((other: unknown) => isDeepStrictEqual(other, value), 'exactly');

export const isRefusal = (expected: Message | Refusal): expected is Refusal => 'code' in expected;

/** The cases of one method. */
export const casesOf = (method: string, rows: readonly Row[]): RpcCase[] =>
  rows.map(([name, given, request, expected]) => ({ method, name, given, request, expected }));

/** The domain's own supervisor, and another domain that names it. */
export const own = { supervisor_id: '$supervisor', domain_id: '$domain' };
export const foreign = { ...own, domain_id: '$stranger' };
export const UNKNOWN = 'supervisor-unknown';
