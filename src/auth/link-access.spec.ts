import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import type { AccessLevel, Authenticator } from '../common/call/authenticator.js';
import { authenticateFailure } from '../common/errors/errors.js';
import { LinkAccess, newLinkSecret } from './link-access.js';

const levels: Record<string, AccessLevel> = {
  'of a member': 'member',
  'of an admin': 'admin',
  'of a system': 'system',
};

const access = (required = true) =>
  new LinkAccess({
    required,
    identify: async (token: string | undefined) => {
      const level = levels[token ?? ''];
      if (level === undefined) throw authenticateFailure('there is none');
      return { level, domainId: 'domain-a', expiresAt: 99 };
    },
  } as unknown as Authenticator);

describe('an agent', () => {
  it.each([
    ['of an admin', true, false],
    ['of a system', true, true],
  ])('with the token %s may serve its own domain: %s, another: %s', async (token, own, other) => {
    const caller = await access().admit(token);
    expect([caller.mayServe('domain-a'), caller.mayServe('domain-b'), caller.expiresAt]).toEqual([own, other, 99]);
  });

  it('is not let in with the token of a member, or without any', async () => {
    await expect(access().admit('of a member')).rejects.toMatchObject({ status: status.PERMISSION_DENIED });
    await expect(access().admit(undefined)).rejects.toMatchObject({ status: status.UNAUTHENTICATED });
  });

  it('that comes along with the server shows its secret, for one domain, as long as the server lives', async () => {
    const room = access();
    const own = newLinkSecret('domain-b');
    expect(newLinkSecret('domain-b').secret).not.toBe(own.secret);
    room.trust(own);
    const caller = await room.admit(own.secret);
    expect([caller.mayServe('domain-b'), caller.mayServe('domain-a'), caller.expiresAt]).toEqual([
      true,
      false,
      Infinity,
    ]);
    await expect(access().admit(own.secret)).rejects.toMatchObject({ status: status.UNAUTHENTICATED });
  });

  it('may be anybody where nobody has to say who he is', async () => {
    const caller = await access(false).admit(undefined);
    expect([caller.mayServe('domain-x'), caller.expiresAt]).toEqual([true, Infinity]);
  });
});
