/** Injection token of the Mongoose connection that Berth's collections live in. */
export const BERTH_CONNECTION = Symbol('BERTH_CONNECTION');
