import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { SupervisorReports } from '../installed-plugin/supervisor-reports.service.js';
import type { Supervisor } from './supervisor.js';
import { supervisor } from './supervisor.fixture.js';
import type { SupervisorAnnouncementRepository } from './supervisor-announcement.repository.js';
import { SupervisorConnections } from './supervisor-connections.js';
import type { SupervisorDirectory } from './supervisor-directory.js';
import type { SupervisorRepository } from './supervisor.repository.js';

const HEARTBEAT = 1_000;
const LEASE = 3_000;

let connections: SupervisorConnections;
let away: boolean;
/** Supervisors whose lease has run out. */
let expired: Supervisor[];
let done: string[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  Logger.overrideLogger(false);
  [away, expired, done] = [false, [], []];
  const repository = {
    isAnyDue: () => (away ? Promise.reject(new Error('no database')) : Promise.resolve(expired.length > 0)),
    disconnectUnregistered: () => Promise.resolve(0),
    markSilent: () => Promise.resolve(done.push('silent')),
    disconnectExpired: () => Promise.resolve(expired.shift()),
  };
  const reports = {
    fence: ({ supervisorId, epoch }: { supervisorId: string; epoch: number }) =>
      Promise.resolve(void done.push(`${supervisorId} fenced at ${epoch}`)),
  };
  connections = new SupervisorConnections(
    repository as Partial<SupervisorRepository> as SupervisorRepository,
    {} as SupervisorAnnouncementRepository,
    {} as SupervisorDirectory,
    reports as Partial<SupervisorReports> as SupervisorReports,
    { autoEnable: true, heartbeatInterval: HEARTBEAT, lease: LEASE },
  );
  connections.onApplicationBootstrap();
});
afterEach(async () => {
  await connections.onApplicationShutdown();
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const FENCED = ['silent', 's1 fenced at 2', 's2 fenced at 5'];

it('ends leases once it has looked for a whole one, those that went silent with them being marked first', async () => {
  expired = [supervisor('s1', { epoch: 2 }), supervisor('s2', { epoch: 5 })];
  await pass(LEASE);
  expect(done).toEqual([]);
  await pass(HEARTBEAT);
  expect(done).toEqual(FENCED);
});

it('ends none that ran out while the database was away, until its supervisor had a lease to come back', async () => {
  await pass(2 * LEASE);
  away = true;
  await pass(2 * HEARTBEAT);
  expired = [supervisor('s1', { epoch: 2 }), supervisor('s2', { epoch: 5 })];
  away = false;
  await pass(LEASE);
  expect(done).toEqual([]);
  await pass(HEARTBEAT);
  expect(done).toEqual(FENCED);
});
