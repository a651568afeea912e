import {
  type ArgumentsHost,
  type CanActivate,
  type ExecutionContext,
  Inject,
  Injectable,
  SetMetadata,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { authenticateFailure, permissionDenied } from '../errors/errors.js';
import { UnreadableRequest } from '../grpc/unreadable-request.js';
import { type AccessLevel, Authenticator, type Identity } from './authenticator.js';
import { callContextOf } from './call-context.js';
import { actingDomain, admitFor } from './call-domain.js';
import { messageOf, setMessage, takesDomain } from './call-message.js';

/** Metadata of a controller: who may call its methods. */
export const ACCESS = 'berth:access';
const rank: Record<AccessLevel, number> = { member: 0, admin: 1, system: 2 };

/** Says who may call the methods of a controller; one that says nothing is closed to all but systems. */
export const Access = (level: AccessLevel) => SetMetadata(ACCESS, level);

/**
 * Lets nobody in who has not said who he is, on either transport. It runs before validation: what a request has to look
 * like is told to those alone who may make it.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  /** By class and method: reading metadata takes longer than the rest of the guard. */
  private readonly levels = new WeakMap<object, Map<unknown, AccessLevel>>();

  constructor(
    @Inject(Authenticator) private readonly authenticator: Authenticator,
    private readonly reflector: Reflector,
  ) {}

  canActivate(host: ExecutionContext): boolean | Promise<boolean> {
    if (!this.authenticator.required) return this.admitAnybody(host);
    const identity = this.authenticator.identify(tokenOf(host));
    return identity instanceof Promise ? identity.then((known) => this.admit(host, known)) : this.admit(host, identity);
  }

  /** Nobody has to say who he is. The domain may still be named outside the message, as systems do. */
  private admitAnybody(host: ExecutionContext): true {
    const message = messageOf(host);
    if (namedIn(message) === undefined && takesDomain(host)) {
      const { namedDomain } = callContextOf(host);
      if (namedDomain !== undefined) addDomain(host, message, namedDomain);
    }
    return true;
  }

  private admit(host: ExecutionContext, identity: Identity): boolean {
    const needed = this.levelFor(host);
    if (rank[identity.level] < rank[needed]) {
      throw permissionDenied('the role of the caller does not allow it', { needed });
    }
    const message = messageOf(host);
    const domainId = actingDomain(identity, [callContextOf(host).namedDomain, namedIn(message)]);
    admitFor(host, identity.level, domainId);
    if (domainId !== undefined && takesDomain(host)) addDomain(host, message, domainId);
    return true;
  }

  private levelFor(host: ExecutionContext): AccessLevel {
    const [type, method] = [host.getClass(), host.getHandler()];
    const levels = this.levels.get(type) ?? new Map<unknown, AccessLevel>();
    const known = levels.get(method);
    if (known !== undefined) return known;
    const level = this.reflector.getAllAndOverride<AccessLevel | undefined>(ACCESS, [method, type]) ?? 'system';
    this.levels.set(type, levels.set(method, level));
    return level;
  }
}

function tokenOf(host: ExecutionContext): string | undefined {
  const call = callContextOf(host);
  if (call.transport === 'grpc') return call.header('token');
  const header = call.header('authorization');
  if (header === undefined) return undefined;
  if (header.slice(0, SCHEME.length).toLowerCase() !== SCHEME) {
    throw authenticateFailure('the authorization header must be Bearer and a token');
  }
  return header.slice(SCHEME.length).trimStart();
}

const SCHEME = 'bearer ';

/** The domain that the message names. One of another type is left to validation, which refuses it. */
function namedIn(message: unknown): string | undefined {
  if (typeof message !== 'object' || message === null || message instanceof UnreadableRequest) return undefined;
  const { domain_id } = message as { domain_id?: unknown };
  return typeof domain_id === 'string' && domain_id !== '' ? domain_id : undefined;
}

/** A message that does not say its domain means the caller's. */
function addDomain(host: ArgumentsHost, message: unknown, domainId: string): void {
  if (message === undefined || message === null) return setMessage(host, { domain_id: domainId });
  if (typeof message !== 'object' || Array.isArray(message) || message instanceof UnreadableRequest) return;
  const fields = message as { domain_id?: unknown };
  if (fields.domain_id === undefined || fields.domain_id === null || fields.domain_id === '') {
    fields.domain_id = domainId;
  }
}
