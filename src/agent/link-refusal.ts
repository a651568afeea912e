import { status } from '@grpc/grpc-js';

/** Answers of a server that will not change by asking again soon, and what whoever runs the agent can do about them. */
const REFUSALS = new Map<number, string>([
  [status.INVALID_ARGUMENT, 'correct the identity this agent was started with (name, hostname, domain, labels, tags)'],
  [status.PERMISSION_DENIED, 'have the server allow this agent in its domain'],
  [status.UNAUTHENTICATED, 'give this agent credentials that the server accepts'],
  [status.FAILED_PRECONDITION, 'look at the state of this supervisor on the server: it may be disabled'],
  [status.NOT_FOUND, 'register this supervisor again: the server does not know it any more'],
  [status.ALREADY_EXISTS, 'another agent uses the same domain and hostname: give each its own hostname'],
  [status.UNIMPLEMENTED, 'check the address: what answers there is not a Berth server of this version'],
]);

/** @returns what to do about a refusal; undefined where trying again soon may help */
export function remedyFor(code: number): string | undefined {
  return REFUSALS.get(code);
}
