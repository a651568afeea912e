import 'reflect-metadata';
import { expect, it } from 'vitest';
import { readServerSettings } from './settings.js';

it('has defaults for everything', () => {
  expect(readServerSettings({})).toMatchObject({
    host: '127.0.0.1',
    grpc_port: 50_051,
    http_port: 8080,
    agent: 'embedded',
  });
});

it('reads numbers and booleans', () => {
  const settings = readServerSettings({
    BERTH_GRPC_PORT: '0',
    BERTH_SUPERVISOR_AUTO_ENABLE: 'false',
    MONGODB_URI: 'mongodb://x',
  });
  expect(settings).toMatchObject({ grpc_port: 0, supervisor_auto_enable: false, mongodb_uri: 'mongodb://x' });
});

it.each([
  [{}, 50_052],
  [{ BERTH_GRPC_PORT: '6000' }, 6001],
  [{ BERTH_GRPC_PORT: '8079' }, 8081],
  [{ BERTH_GRPC_PORT: '0' }, 0],
  [{ BERTH_GRPC_PORT: '65535' }, 0],
  [{ BERTH_GRPC_PORT: '0', BERTH_REPOSITORY_PORT: '50052' }, 50_052],
  [{ BERTH_REPOSITORY_PORT: '0' }, 0],
  [{ BERTH_REPOSITORY_PORT: '' }, 50_052],
  [{ BERTH_REPOSITORY_PORT: 'none' }, undefined],
])('finds a port for the repository service: %o', (env, port) => {
  expect(readServerSettings(env).repository_port).toBe(port);
});

it.each([
  [{ BERTH_REPOSITORY_PORT: '70000' }, 'BERTH_REPOSITORY_PORT'],
  [{ BERTH_REPOSITORY_PORT: 'off' }, 'BERTH_REPOSITORY_PORT'],
  [{ BERTH_GRPC_PORT: 'many' }, 'BERTH_GRPC_PORT'],
  [{ BERTH_HTTP_PORT: '70000' }, 'BERTH_HTTP_PORT'],
  [{ BERTH_AGENT: 'maybe' }, 'BERTH_AGENT'],
  [{ BERTH_DATABASE_TIMEOUT: '10' }, 'BERTH_DATABASE_TIMEOUT'],
  [{ BERTH_SUPERVISOR_LEASE: '1000' }, 'BERTH_SUPERVISOR_LEASE'],
  [{ BERTH_HOST: '0.0.0.0' }, 'BERTH_HOST'],
  [{ BERTH_HOST: '::' }, 'BERTH_AUTH=none'],
  [{ BERTH_HOST: '127.example.org' }, 'BERTH_HOST'],
  [{ BERTH_AUTH: 'maybe' }, 'BERTH_AUTH'],
  [{ BERTH_AUTH: 'jwt' }, 'BERTH_AUTH_JWKS'],
  [{ BERTH_AUTH_JWKS: 'keys.json' }, 'BERTH_AUTH=jwt'],
  [{ BERTH_AUTH: 'none', BERTH_AUTH_JWKS: 'keys.json' }, 'BERTH_AUTH=jwt'],
  [{ BERTH_AUTH: 'jwt', BERTH_AUTH_IDENTITY: 'identity:50051' }, 'BERTH_AUTH_IDENTITY'],
  [{ BERTH_AUTH: 'jwt', BERTH_AUTH_JWKS: 'a', BERTH_AUTH_IDENTITY: 'grpc://h:1' }, 'BERTH_AUTH_IDENTITY'],
  [{ BERTH_AUTH: 'jwt', BERTH_AUTH_JWKS: 'a', BERTH_AUTH_IDENTITY_TOKEN: 'b' }, 'BERTH_AUTH_IDENTITY_TOKEN'],
  [{ BERTH_AUTH_SYSTEM_DOMAIN: 'domain-root' }, 'BERTH_AUTH_SYSTEM_DOMAIN'],
  [{ BERTH_TLS_CERT: 'a.pem' }, 'BERTH_TLS_KEY'],
  [{ BERTH_TLS_CLIENT_CA: 'ca.pem' }, 'BERTH_TLS_CERT'],
  [{ BERTH_CATALOG: 'grpc://repository' }, 'BERTH_CATALOG'],
  [{ BERTH_CATALOG: 'grpc+ssl://repository:443/path' }, 'BERTH_CATALOG'],
  [{ BERTH_CATALOG: 'grpc+tls://repository:443' }, 'BERTH_CATALOG'],
  [{ BERTH_AUTH: 'jwt', BERTH_AUTH_IDENTITY: 'identity:50051' }, 'BERTH_AUTH_IDENTITY'],
  [{ BERTH_CATALOG_TOKEN: 'token' }, 'BERTH_CATALOG_TOKEN'],
  [{ BERTH_REFLECTION: 'no' }, 'BERTH_REFLECTION'],
])('names the variable at fault: %o', (env, variable) => {
  expect(() => readServerSettings(env)).toThrow(variable);
});

it.each([
  [{}, true],
  [{ BERTH_HOST: '::1' }, true],
  [{ BERTH_DOCS: 'false' }, false],
  [{ BERTH_HOST: '0.0.0.0', BERTH_AUTH: 'none' }, false],
  [{ BERTH_HOST: '0.0.0.0', BERTH_AUTH: 'none', BERTH_DOCS: 'true' }, true],
])('describes its routes on loopback, and elsewhere when it is told to: %o', (env, docs) => {
  expect(readServerSettings(env).security).toMatchObject({ docs });
});

it.each([
  [{}, 'none', true],
  [{ BERTH_HOST: '::1' }, 'none', true],
  [{ BERTH_AUTH: 'none' }, 'none', false],
  [{ BERTH_HOST: '0.0.0.0', BERTH_AUTH: 'none' }, 'none', false],
  [{ BERTH_HOST: '0.0.0.0', BERTH_AUTH: 'jwt', BERTH_AUTH_JWKS: 'keys.json' }, 'jwt', false],
  [{ BERTH_AUTH: 'jwt', BERTH_AUTH_IDENTITY: 'grpc+ssl://identity:50051' }, 'jwt', false],
])('decides who may call: %o', (env, auth, local_only) => {
  expect(readServerSettings(env).security).toMatchObject({ auth, local_only, reflection: true });
});
