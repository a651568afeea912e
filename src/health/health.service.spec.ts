import type { Server, UntypedServiceImplementation } from '@grpc/grpc-js';
import { Logger } from '@nestjs/common';
import { beforeEach, expect, it, vi } from 'vitest';
import {
  HealthCheckResponse_ServingStatus as ServingStatus,
  type HealthListResponse,
} from '../generated/grpc/health/v1/health.js';
import type { DatabaseRepository } from './database.repository.js';
import { HealthService } from './health.service.js';

const { SERVING, NOT_SERVING } = ServingStatus;

let away: boolean;
let health: HealthService;

beforeEach(() => {
  away = false;
  const ping = () => (away ? Promise.reject(new Error('mongodb://admin:secret@database')) : Promise.resolve());
  health = new HealthService({ ping } as Partial<DatabaseRepository> as DatabaseRepository);
});

/** What callers are told: over gRPC of each service, and over HTTP why not. */
async function told(): Promise<{ grpc: Record<string, ServingStatus | undefined>; http: string | undefined }> {
  let statuses: HealthListResponse['statuses'] = {};
  const addService = (_: unknown, { List }: UntypedServiceImplementation) =>
    (List as (call: unknown, answer: (error: null, list: HealthListResponse) => void) => void)(
      {},
      (_error, list) => (statuses = list.statuses),
    );
  health.grpc.addTo({ addService } as Partial<Server> as Server);
  const grpc = Object.fromEntries(Object.entries(statuses ?? {}).map(([name, { status }]) => [name, status]));
  return { grpc, http: await health.whyNotReady() };
}

it('sends callers elsewhere until calls are served, and again once the server is stopping', async () => {
  expect(await told()).toEqual({ grpc: { '': NOT_SERVING }, http: 'starting' });
  health.serving(['a', 'b']);
  expect(await told()).toEqual({ grpc: { '': SERVING, a: SERVING, b: SERVING }, http: undefined });
  health.stopping();
  expect(await told()).toEqual({ grpc: { '': NOT_SERVING, a: NOT_SERVING, b: NOT_SERVING }, http: 'stopping' });
});

it('says that it stops when the application is closed without a word before', async () => {
  health.serving([]);
  health.beforeApplicationShutdown();
  expect(await told()).toEqual({ grpc: { '': NOT_SERVING }, http: 'stopping' });
});

it('is not ready while the database does not answer, and tells nobody where that is', async () => {
  const logged = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
  health.serving([]);
  away = true;
  expect((await told()).http).toBe('the database does not answer');
  expect(JSON.stringify(logged.mock.calls)).toContain('secret');
  away = false;
  expect((await told()).http).toBeUndefined();
  logged.mockRestore();
});
