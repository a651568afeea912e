import { invalidParameter } from './errors/errors.js';

/** Labels by key, their values as text. */
export type LabelSelector = Readonly<Record<string, string>>;

/** Most text that the labels of one request may have, in UTF-16 code units. */
const MAX_TEXT = 2_000;

const NONE: LabelSelector = {};

/** A label's value as text: `1`, `true` and their strings are the same label. */
export function labelText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/**
 * The labels of a request as a selector.
 *
 * @throws BerthError ERROR_INVALID_PARAMETER when there is too much of it
 */
export function selectorOf(labels: Readonly<Record<string, unknown>> | undefined): LabelSelector {
  if (labels === undefined) return NONE;
  const selector = Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, labelText(value)]));
  const length = Object.entries(selector).reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  if (length > MAX_TEXT) throw invalidParameter('labels', `must have at most ${MAX_TEXT} characters in all`, length);
  return selector;
}

/** A list of `key=value` or `key` as a map; both forms mean the same. */
export function labelsFromList(list: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    list.map((item) => {
      const at = item.indexOf('=');
      return at < 0 ? [item, ''] : [item.slice(0, at), item.slice(at + 1)];
    }),
  );
}
