import { expect, it } from 'vitest';
import { ADDRESS_FORM } from '../common/grpc/grpc-address.js';
import { checkedEndpoint } from './endpoint-check.js';

it.each([
  'grpc://127.0.0.1:50051',
  'grpcs://plugin.example:443',
  'grpc+ssl://plugin.example:443',
  'grpc+ssl://[::1]:50051',
  'grpc://[::1]:50051',
  'grpc://10.0.0.7:80',
  'grpc://10.0.0.7:80/',
  'grpc://1.169.254.7:80',
  'grpc://0.0.0.0.example:80',
])('takes %s', (endpoint) => expect(checkedEndpoint(endpoint)).toBeUndefined());

it.each([
  'http://127.0.0.1:80',
  'grpc://127.0.0.1',
  'grpc://user:secret@host:1',
  'grpc://user@host:1',
  'grpc://:secret@host:1',
  'grpc://host:1//',
  'grpc://host:1#x',
  'grpc://host:1/path',
  'grpc://host:99999',
  'grpc://host:1?x=y',
  'grpc+ssl://host',
  'grpc+ssl://user:secret@host:1',
  'grpc+tls://host:1',
  'ssl://host:1',
  'file:///etc/passwd',
  '',
  'grpc://',
])('refuses %s, which is no address', (endpoint) => expect(checkedEndpoint(endpoint)).toBe(ADDRESS_FORM));

it.each([
  'grpc+ssl://2852039166:80',
  'grpc://169.254.169.254:80',
  'grpc://2852039166:80',
  'grpc://0xa9fea9fe:80',
  'grpc://[fe80::1]:80',
  'grpc://[::ffff:169.254.169.254]:80',
  'grpc://0.0.0.0:80',
  'grpc://[fd00:ec2::254]:80',
  'grpc://[::]:80',
])('refuses %s, where no plugin can be', (endpoint) =>
  expect(checkedEndpoint(endpoint)).toBe('is an address that no plugin can have'),
);
