/** Why a pattern is not accepted, in words for its author. */
export class RegexError extends Error {}
