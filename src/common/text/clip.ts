/** Stands where something was cut out. */
export const CUT = '[…]';

/** What a text takes up, code point by code point; the code point is whole, never half of a surrogate pair. */
export type Measure = (codePoint: string) => number;

/** UTF-16 code units. */
export const codeUnits: Measure = (codePoint) => codePoint.length;

/** Bytes of UTF-8. */
export const utf8Bytes: Measure = (codePoint) => Buffer.byteLength(codePoint);

/** Bytes of `grpc-message`, which is percent-encoded: nine for a character of Korean, twelve for an emoji. */
export const percentEncodedBytes: Measure = (codePoint) =>
  /^[\w;,/?:@&=+$.!~*'()#-]$/.test(codePoint) ? 1 : 3 * Buffer.byteLength(codePoint);

/** What the whole text takes up. */
export function sizeOf(text: string, measure: Measure): number {
  let size = 0;
  for (const codePoint of text) size += measure(codePoint);
  return size;
}

/** The beginning of a text, with an ellipsis where something is missing. Cut between two code points. */
export function keepBeginning(text: string, limit: number, measure: Measure): string {
  if (fits(text, limit, measure)) return text;
  return `${text.slice(0, endOfBeginning(text, limit, measure))}…`;
}

/** The end of a text, with a mark before it where something is missing. Cut between two code points. */
export function keepEnd(text: string, limit: number, measure: Measure): string {
  if (fits(text, limit, measure)) return text;
  return CUT + text.slice(beginningOfEnd(text, limit - sizeOf(CUT, measure), measure));
}

/** The beginning and, longer, the end of a text, with a mark between them where something is missing. */
export function keepEnds(text: string, limit: number, measure: Measure): string {
  if (fits(text, limit, measure)) return text;
  const room = limit - sizeOf(CUT, measure);
  const head = text.slice(0, endOfBeginning(text, Math.floor(room / 3), measure));
  return head + CUT + text.slice(beginningOfEnd(text, room - sizeOf(head, measure), measure));
}

function fits(text: string, limit: number, measure: Measure): boolean {
  return endOfBeginning(text, limit, measure) === text.length;
}

function endOfBeginning(text: string, limit: number, measure: Measure): number {
  let [at, size] = [0, 0];
  for (const codePoint of text) {
    size += measure(codePoint);
    if (size > limit) break;
    at += codePoint.length;
  }
  return at;
}

function beginningOfEnd(text: string, limit: number, measure: Measure): number {
  let [at, size] = [text.length, 0];
  while (at > 0) {
    const before = at > 1 && isPair(text, at - 2) ? at - 2 : at - 1;
    size += measure(text.slice(before, at));
    if (size > limit) break;
    at = before;
  }
  return at;
}

const isPair = (text: string, at: number): boolean => (text.codePointAt(at) ?? 0) > 0xffff;
