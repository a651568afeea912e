import { createHash, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Authenticator, type Identity } from '../common/call/authenticator.js';
import { permissionDenied } from '../common/errors/errors.js';

/** An agent that was let in, and what it may say it is. */
export interface LinkCaller {
  /** From when on it has to show a newer token, in milliseconds since 1970. */
  readonly expiresAt: number;
  /** Whether it may be a supervisor of the domain. */
  mayServe(domainId: string): boolean;
}

/** What an agent that comes along with the server shows. It opens the link alone, for one domain. */
export interface LinkSecret {
  readonly secret: string;
  /** The domain whose supervisor the agent is. */
  readonly domainId: string;
}

/** A secret for an agent of this process; it is known to none but those who are told, and dies with them. */
export function newLinkSecret(domainId: string): LinkSecret {
  return { secret: randomBytes(32).toString('base64url'), domainId };
}

const anybody: LinkCaller = { expiresAt: Infinity, mayServe: () => true };

/** Who may connect as a supervisor agent: those who may call the Supervisor API. */
@Injectable()
export class LinkAccess {
  /** Digests of secrets, and whose supervisors those are who show them. */
  private readonly secrets = new Map<string, string>();

  constructor(@Inject(Authenticator) private readonly authenticator: Authenticator) {}

  /** Lets an agent in that shows the secret. */
  trust({ secret, domainId }: LinkSecret): void {
    this.secrets.set(digest(secret), domainId);
  }

  /** @throws BerthError ERROR_AUTHENTICATE_FAILURE, ERROR_PERMISSION_DENIED, ERROR_UNAVAILAVBLE */
  async admit(token: string | undefined): Promise<LinkCaller> {
    if (!this.authenticator.required) return anybody;
    const own = token === undefined ? undefined : this.secrets.get(digest(token));
    if (own !== undefined) return { expiresAt: Infinity, mayServe: (domainId) => domainId === own };
    return supervisorOf(await this.authenticator.identify(token));
  }
}

function supervisorOf({ level, domainId, expiresAt }: Identity): LinkCaller {
  if (level === 'member') throw permissionDenied('the role of the caller does not allow it', { needed: 'admin' });
  return { expiresAt, mayServe: (wanted) => level === 'system' || wanted === domainId };
}

const digest = (secret: string) => createHash('sha256').update(secret).digest('base64');
