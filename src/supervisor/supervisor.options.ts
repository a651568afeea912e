/** Injection token of {@link SupervisorOptions}. */
export const SUPERVISOR_OPTIONS = Symbol('SUPERVISOR_OPTIONS');

export interface SupervisorOptions {
  /** First publish: ENABLED at once, or PENDING until register. */
  readonly autoEnable: boolean;
  /** How long an unregistered supervisor stays PENDING, in milliseconds; five minutes where it is not given. */
  readonly pendingTimeout?: number;
  /** How often an agent reports that it is alive, in milliseconds. */
  readonly heartbeatInterval: number;
  /** Without a heartbeat for this long a supervisor counts as lost, in milliseconds. */
  readonly lease: number;
}
