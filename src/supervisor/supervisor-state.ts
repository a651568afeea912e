import type { SupervisorState } from './supervisor.js';

/** What those who run a supervisor may do with it. */
export type SupervisorAction = 'register' | 'enable' | 'disable';

/**
 * The state that each action leads to, from each state it is possible in; what is not here is refused with
 * ERROR_SUPERVISOR_STATE. A supervisor that is not heard from at the moment gets there when it is: until then an action
 * that would make it ENABLED leaves it DISCONNECTED.
 */
export const supervisorMoves: Readonly<
  Record<SupervisorAction, Readonly<Partial<Record<SupervisorState, SupervisorState>>>>
> = {
  register: { PENDING: 'ENABLED', DISCONNECTED: 'ENABLED' },
  enable: { ENABLED: 'ENABLED', DISABLED: 'ENABLED', DISCONNECTED: 'ENABLED' },
  disable: { ENABLED: 'DISABLED', DISABLED: 'DISABLED', DISCONNECTED: 'DISABLED' },
};

/** What each action writes down. The state follows from it, see {@link derivedState}. */
export const actionEffects: Readonly<Record<SupervisorAction, Readonly<Record<string, boolean>>>> = {
  register: { registered: true },
  // Who enables a supervisor has accepted it.
  enable: { registered: true, disabled: false },
  disable: { disabled: true },
};

/** The states in which an action is possible. */
export function statesFor(action: SupervisorAction): SupervisorState[] {
  return Object.keys(supervisorMoves[action]) as SupervisorState[];
}

/**
 * The state as a database expression. It is never set: it follows from what was decided about the supervisor
 * (`registered`, `disabled`) and from whether it is heard (`lost`), so that it comes back as what it was.
 *
 * @param pendingTimeout how long a supervisor may stay PENDING before it counts as DISCONNECTED, in milliseconds
 */
export function derivedState(pendingTimeout: number): object {
  const waiting = { $gt: [{ $add: ['$created_at', pendingTimeout] }, '$$NOW'] };
  return {
    $switch: {
      branches: [
        { case: '$disabled', then: 'DISABLED' },
        { case: '$lost', then: 'DISCONNECTED' },
        { case: '$registered', then: 'ENABLED' },
        { case: waiting, then: 'PENDING' },
      ],
      default: 'DISCONNECTED',
    },
  };
}
