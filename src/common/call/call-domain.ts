import type { ArgumentsHost } from '@nestjs/common';
import { permissionDenied } from '../errors/errors.js';
import type { AccessLevel, Identity } from './authenticator.js';

interface Admission {
  /** The domain that the call is for. */
  readonly domainId: string | undefined;
  readonly level: AccessLevel;
}

/** Where it is written how a call was admitted: on what identifies it. A WeakMap takes microseconds for each call. */
const ADMISSION = Symbol('admission');

interface Carrier {
  [ADMISSION]?: Admission;
}

/** What identifies a call for as long as it lasts: its metadata (gRPC) or its request (HTTP). */
function carrierOf(host: ArgumentsHost): Carrier {
  return host.getArgByIndex<Carrier>(host.getType() === 'rpc' ? 1 : 0);
}

/** Remembers as what, and for which domain, a call was admitted. */
export function admitFor(host: ArgumentsHost, level: AccessLevel, domainId: string | undefined): void {
  carrierOf(host)[ADMISSION] = { domainId, level };
}

/** The domain that the call was admitted for; where nobody has to say who he is, `named`. */
export function domainOfCall(host: ArgumentsHost, named: string | undefined): string | undefined {
  const admission = carrierOf(host)[ADMISSION];
  return admission === undefined ? named : admission.domainId;
}

/** As what the call was admitted; where nobody has to say who he is, everybody may do everything. */
export function levelOfCall(host: ArgumentsHost): AccessLevel {
  return carrierOf(host)[ADMISSION]?.level ?? 'system';
}

/**
 * The domain that an identity acts for, when the call names these.
 *
 * @returns undefined for a system that names none
 * @throws BerthError ERROR_PERMISSION_DENIED
 */
export function actingDomain(identity: Identity, named: readonly (string | undefined)[]): string | undefined {
  let acting = identity.level === 'system' ? undefined : identity.domainId;
  for (const domainId of named) {
    if (domainId === undefined || domainId === acting) continue;
    if (acting !== undefined)
      throw permissionDenied('the caller does not act for this domain', { domain_id: domainId });
    acting = domainId;
  }
  return acting;
}
