import type { ArgumentsHost } from '@nestjs/common';
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import type { AccessLevel, Identity } from './authenticator.js';
import { actingDomain, admitFor, domainOfCall, levelOfCall } from './call-domain.js';

const identity = (level: AccessLevel): Identity => ({ domainId: 'domain-a', level, expiresAt: Infinity });

describe('the domain that a caller acts for', () => {
  it.each<[AccessLevel, (string | undefined)[], string | undefined]>([
    ['member', [undefined, undefined], 'domain-a'],
    ['admin', ['domain-a', 'domain-a'], 'domain-a'],
    ['system', [undefined, undefined], undefined],
    ['system', ['domain-b', undefined], 'domain-b'],
    ['system', [undefined, 'domain-b'], 'domain-b'],
    ['system', ['domain-b', 'domain-b'], 'domain-b'],
  ])('a %s who names %j: %s', (level, named, domain) => {
    expect(actingDomain(identity(level), named)).toBe(domain);
  });

  it.each<[AccessLevel, (string | undefined)[]]>([
    ['member', ['domain-b', undefined]],
    ['admin', [undefined, 'domain-b']],
    ['admin', ['domain-a', 'domain-b']],
    ['system', ['domain-a', 'domain-b']],
  ])('is refused to a %s who names %j', (level, named) => {
    expect(() => actingDomain(identity(level), named)).toThrow(
      expect.objectContaining({ status: status.PERMISSION_DENIED, message: expect.stringContaining('domain-b') }),
    );
  });
});

it.each(['rpc', 'http'])('is remembered with the call over %s', (type) => {
  const args = [{}, {}, {}];
  const host = { getType: () => type, getArgByIndex: (at: number) => args[at] } as unknown as ArgumentsHost;
  expect([domainOfCall(host, 'named'), levelOfCall(host)]).toEqual(['named', 'system']);
  admitFor(host, 'member', 'domain-a');
  expect([domainOfCall(host, 'named'), levelOfCall(host)]).toEqual(['domain-a', 'member']);
});
