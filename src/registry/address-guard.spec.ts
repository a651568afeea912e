import { expect, it } from 'vitest';
import { isPrivateHost, refusal } from './address-guard.js';

it.each(['169.254.169.254', 'fe80::1', 'fd00:ec2::254', '::ffff:169.254.169.254'])('%s is never reached', (address) => {
  expect(refusal(address, 'private')).toContain('link-local');
  expect(refusal(address, 'public')).toContain('link-local');
});

it.each([
  '127.0.0.1',
  '10.1.2.3',
  '172.31.0.1',
  '192.168.1.1',
  '100.64.0.1',
  '0.0.0.0',
  '::1',
  '::',
  'fd12::1',
  '::ffff:10.0.0.1',
])('%s is reached within a private network only', (address) => {
  expect(refusal(address, 'private')).toBeUndefined();
  expect(refusal(address, 'public')).toContain('private');
});

it.each(['8.8.8.8', '172.32.0.1', '2606:4700::1'])('%s is reached', (address) => {
  expect(refusal(address, 'public')).toBeUndefined();
});

it('knows where a host is', async () => {
  expect(await isPrivateHost('localhost')).toBe(true);
  expect(await isPrivateHost('[::1]')).toBe(true);
  expect(await isPrivateHost('8.8.8.8')).toBe(false);
});
