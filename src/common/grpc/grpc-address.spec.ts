import { expect, it } from 'vitest';
import { grpcTarget, hostAndPort, isGrpcAddress, isGrpcScheme, withKnownScheme } from './grpc-address.js';

it.each([
  ['grpc://plugin.example:50051', false, 'plugin.example', 50_051, 'grpc://plugin.example:50051'],
  ['grpc://plugin.example:80', false, 'plugin.example', 80, 'grpc://plugin.example:80'],
  ['grpc://[::1]:50051', false, '::1', 50_051, 'grpc://[::1]:50051'],
  ['grpc+ssl://plugin.example:443', true, 'plugin.example', 443, 'grpc+ssl://plugin.example:443'],
  ['grpc+ssl://[fd00::1]:443', true, 'fd00::1', 443, 'grpc+ssl://[fd00::1]:443'],
  ['grpcs://plugin.example:443', true, 'plugin.example', 443, 'grpc+ssl://plugin.example:443'],
])('reads %s', (address, secure, host, port, known) => {
  expect(isGrpcAddress(address)).toBe(true);
  expect(hostAndPort(address)).toEqual({ host, port });
  expect(withKnownScheme(address)).toBe(known);
  const target = grpcTarget(address);
  expect(target.host).toBe(address.replace(/^.*\/\//, ''));
  expect(target.credentials._isSecure()).toBe(secure);
});

it.each([
  'grpc://h',
  'grpc+ssl://h',
  'grpc+ssl:h:1',
  'grpc+tls://h:1',
  'grpcs://h:1/path',
  'grpc://h:1?x',
  'http://h:1',
])('takes %s for no address', (text) => {
  expect(isGrpcAddress(text)).toBe(false);
  expect(isGrpcScheme(text)).toBe(text.startsWith('grpc'));
});

it.each(['catalog.yaml', './grpc.yaml', '/etc/grpc:1/catalog.yaml', 'grpc-catalog.yaml'])(
  'takes %s for a file',
  (text) => expect(isGrpcScheme(text)).toBe(false),
);
