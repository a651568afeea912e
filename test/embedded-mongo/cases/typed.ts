import { deserialize, EJSON } from 'bson';
import { decode, encode } from '../../../src/embedded-mongo/codec.js';
import { MongoError } from '../../../src/embedded-mongo/errors.js';

/** How the server refuses: MongoDB's code and the message. */
export interface Refusal {
  code: number;
  errmsg: string;
}

/** A value as the server has it in memory, when the driver sends this one. */
export function inMemory(value: unknown): unknown {
  return decode(encode({ value }))['value'];
}

/** A value with each number in its BSON type, as text: fields in their order, `undefined` for a missing value. */
export function typed(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return EJSON.stringify(deserialize(encode({ value }), { promoteValues: false })['value'], { relaxed: false });
}

/** What a function of the server answers, as {@link typed} tells it, or its refusal. */
export function outcome(run: () => unknown): unknown {
  try {
    return typed(run());
  } catch (error) {
    if (error instanceof MongoError) return { code: error.code, errmsg: error.message } satisfies Refusal;
    throw error;
  }
}

/** What a case expects, in the words of {@link outcome}. */
export function expected(value: unknown): unknown {
  const refusal = typeof value === 'object' && value !== null && 'errmsg' in value;
  return refusal ? value : typed(value);
}
