/** Injection token of {@link EventOptions}. */
export const EVENT_OPTIONS = Symbol('EVENT_OPTIONS');

export interface EventOptions {
  /** How long events are kept, in milliseconds. */
  readonly ttl: number;
}
