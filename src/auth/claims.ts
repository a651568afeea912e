import type { JWTPayload } from 'jose';
import type { AccessLevel, Identity } from '../common/call/authenticator.js';
import { MAX_NAME_LENGTH } from '../common/validation/decorators.js';
import { authenticateFailure } from '../common/errors/errors.js';

/** How far the clocks of those who sign tokens may differ from ours, in seconds. */
export const CLOCK_SKEW = 30;

/** Tokens that calls are made with; one that merely buys others (REFRESH_TOKEN) is none. */
const callingTypes = new Set(['ACCESS_TOKEN', 'CLIENT_SECRET', 'API_KEY', 'SYSTEM_TOKEN']);

const levelOfRole: Readonly<Record<string, AccessLevel>> = {
  DOMAIN_ADMIN: 'admin',
  WORKSPACE_OWNER: 'member',
  WORKSPACE_MEMBER: 'member',
  USER: 'member',
};

/** Whether a token claims to act for every domain. */
export const isSystem = ({ typ }: JWTPayload): boolean => typ === 'SYSTEM_TOKEN';

/**
 * The domain that a token claims to be of; what may be asked before anything of it is believed.
 *
 * @param systemDomain the domain that alone has SYSTEM_TOKENs, which need not name it; undefined where any may have them
 * @throws BerthError ERROR_AUTHENTICATE_FAILURE
 */
export function claimedDomain(claims: JWTPayload, systemDomain?: string): string {
  const { did } = claims;
  if (systemDomain !== undefined && isSystem(claims)) {
    if (did === undefined || did === systemDomain) return systemDomain;
    throw authenticateFailure('the domain of the token has no tokens of this type (did, typ)');
  }
  if (typeof did !== 'string' || did === '') throw authenticateFailure('the token names no domain (did)');
  if (did.length > MAX_NAME_LENGTH) throw authenticateFailure('the domain of the token (did) is too long');
  return did;
}

/**
 * What the claims of a token whose signature holds, and that has not expired, make of its bearer.
 *
 * @param systemDomain as in {@link claimedDomain}; SYSTEM_TOKENs of it may have no end
 * @throws BerthError ERROR_AUTHENTICATE_FAILURE
 */
export function readIdentity(claims: JWTPayload, now: number, systemDomain?: string): Identity {
  const { typ, rol, ver, iat, exp } = claims;
  const domainId = claimedDomain(claims, systemDomain);
  const mayBeEndless = systemDomain !== undefined && isSystem(claims);
  if (typeof exp !== 'number' && !(mayBeEndless && exp === undefined)) {
    throw authenticateFailure('the token never expires (exp)');
  }
  if (iat !== undefined && !(iat <= now / 1000 + CLOCK_SKEW)) {
    throw authenticateFailure('the token was issued in the future (iat)');
  }
  if (ver !== undefined && !(typeof ver === 'string' && ver.startsWith('2.'))) {
    throw authenticateFailure('the token is of another version (ver)');
  }
  if (typeof typ !== 'string' || !callingTypes.has(typ)) {
    throw authenticateFailure('no calls are made with tokens of this type (typ)');
  }
  return { domainId, level: levelOf(typ, rol), expiresAt: ((exp ?? Infinity) + CLOCK_SKEW) * 1000 };
}

function levelOf(typ: string, rol: unknown): AccessLevel {
  if (typ === 'SYSTEM_TOKEN') return 'system';
  const level = typeof rol === 'string' && Object.hasOwn(levelOfRole, rol) ? levelOfRole[rol] : undefined;
  if (level === undefined) throw authenticateFailure('the role of the token is unknown (rol)');
  return level;
}
