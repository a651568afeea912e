import { BerthError } from '../../src/common/errors/berth-error.js';

/** How a query is refused, as callers read it: `CODE: message`; `accepted` where it is not. */
export function refusalOf(compile: () => unknown): string {
  try {
    compile();
  } catch (error) {
    if (error instanceof BerthError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'accepted';
}
