import { createHash } from 'node:crypto';

/** The key that tells events apart; the same parts give the same key. */
export function eventKey(...parts: readonly (string | number)[]): string {
  return createHash('md5').update(JSON.stringify(parts)).digest('hex');
}

/** What of an object is there. */
export function present(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
