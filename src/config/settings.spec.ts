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
  [{ BERTH_GRPC_PORT: 'many' }, 'BERTH_GRPC_PORT'],
  [{ BERTH_HTTP_PORT: '70000' }, 'BERTH_HTTP_PORT'],
  [{ BERTH_AGENT: 'maybe' }, 'BERTH_AGENT'],
  [{ BERTH_SUPERVISOR_LEASE: '1000' }, 'BERTH_SUPERVISOR_LEASE'],
])('names the variable at fault: %o', (env, variable) => {
  expect(() => readServerSettings(env)).toThrow(variable);
});
