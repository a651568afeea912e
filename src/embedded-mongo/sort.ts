import { check } from './errors.js';
import { isNumeric, toNumber } from './numbers.js';
import { leafKey, leavesAt } from './leaves.js';
import { isDoc } from './values.js';

/** The key of a document in one direction: an array sorts by its least element ascending, by its greatest descending. */
function sortKey(doc: unknown, path: string[], sign: number): string {
  const keys = leavesAt(doc, path).values.map(leafKey).sort();
  return (sign === 1 ? keys[0] : keys.at(-1)) as string;
}

/**
 * Compiles a sort to a stable sort by BSON order, of documents or of what has one.
 * @throws BadValue for directions other than 1 and -1, or more than 32 keys.
 */
export function compileSort(spec: unknown): <T>(items: T[], docOf: (item: T) => unknown) => T[] {
  check(isDoc(spec), 15973, 'the $sort key specification must be an object');
  const keys = Object.entries(spec).map(([name, direction]) => {
    const sign = isNumeric(direction) ? toNumber(direction) : 0;
    check(!isDoc(direction), 'BadValue', `sort key ${name} with an expression is not supported`);
    check(sign === 1 || sign === -1, 15975, '$sort key ordering must be 1 (for ascending) or -1 (for descending)');
    return { path: name.split('.'), sign };
  });
  check(keys.length <= 32, 'BadValue', 'too many compound keys');
  return (items, docOf) => {
    const rows = items.map((item) => ({ item, keys: keys.map(({ path, sign }) => sortKey(docOf(item), path, sign)) }));
    rows.sort((a, b) => {
      for (const [i, { sign }] of keys.entries()) {
        const [left, right] = [a.keys[i] as string, b.keys[i] as string];
        if (left !== right) return left < right ? -sign : sign;
      }
      return 0;
    });
    return rows.map(({ item }) => item);
  };
}
