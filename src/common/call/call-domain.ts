import type { ArgumentsHost } from '@nestjs/common';
import { permissionDenied } from '../errors/errors.js';
import type { Identity } from './authenticator.js';

/** The domain that each admitted call is for. */
const admitted = new WeakMap<object, string | undefined>();

/** What identifies a call for as long as it lasts: its metadata (gRPC) or its request (HTTP). */
function carrierOf(host: ArgumentsHost): object {
  return host.getArgByIndex<object>(host.getType() === 'rpc' ? 1 : 0);
}

/** Remembers the domain that a call was admitted for. */
export function admitFor(host: ArgumentsHost, domainId: string | undefined): void {
  admitted.set(carrierOf(host), domainId);
}

/** The domain that the call was admitted for; where nobody has to say who he is, `named`. */
export function domainOfCall(host: ArgumentsHost, named: string | undefined): string | undefined {
  const carrier = carrierOf(host);
  return admitted.has(carrier) ? admitted.get(carrier) : named;
}

/**
 * The domain that an identity acts for, when the call names these.
 *
 * @returns undefined for a system that names none
 * @throws BerthError ERROR_PERMISSION_DENIED
 */
export function actingDomain(identity: Identity, named: readonly (string | undefined)[]): string | undefined {
  const [first, ...others] = [
    ...(identity.level === 'system' ? [] : [identity.domainId]),
    ...named.filter((domainId) => domainId !== undefined),
  ];
  const foreign = others.find((domainId) => domainId !== first);
  if (foreign !== undefined) throw permissionDenied('the caller does not act for this domain', { domain_id: foreign });
  return first;
}
