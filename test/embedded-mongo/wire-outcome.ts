import { MongoServerError } from 'mongodb';
import { typed, type Refusal } from './cases/typed.js';

/** What the server answers, as `typed` tells it, or its refusal. Values must be read with `promoteValues: false`. */
export async function wireOutcome(answer: Promise<unknown>): Promise<unknown> {
  try {
    return typed(await answer);
  } catch (error) {
    if (error instanceof MongoServerError) {
      return { code: Number(error.code), errmsg: error.message } satisfies Refusal;
    }
    throw error;
  }
}
