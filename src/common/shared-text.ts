/** So many texts at most; then it begins anew, and what follows shares with what follows. */
const MAX = 10_000;
const texts = new Map<string, string>();

/**
 * One string for all that read the same. Each document that is read brings strings of its own, and of those that many have,
 * as versions and states, one takes less memory and is sooner at hand.
 */
export function sharedText<T extends string>(text: T): T {
  const known = texts.get(text) as T | undefined;
  if (known !== undefined) return known;
  if (texts.size >= MAX) texts.clear();
  texts.set(text, text);
  return text;
}
