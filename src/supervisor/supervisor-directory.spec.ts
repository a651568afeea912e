import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Change } from '../change-feed/change.js';
import type { ChangeFeed } from '../change-feed/change-feed.service.js';
import type { Supervisor } from './supervisor.js';
import { supervisor } from './supervisor.fixture.js';
import { SupervisorDirectory } from './supervisor-directory.js';
import type { SupervisorRepository } from './supervisor.repository.js';

let directory: SupervisorDirectory;
let tell: (change: Change) => void;
let gap: () => void;
/** What the database holds; undefined while it is away. */
let stored: Supervisor[] | undefined;
let told: [string, Supervisor | undefined][];

beforeEach(async () => {
  vi.useFakeTimers();
  Logger.overrideLogger(false);
  [stored, told] = [[supervisor('s1', { revision: 5 })], []];
  const feed = {
    on: (_: string, listener: typeof tell) => void (tell = listener),
    onGap: (listener: typeof gap) => void (gap = listener),
    open: () => Promise.resolve(),
  };
  const findAll = () => (stored === undefined ? Promise.reject(new Error('away')) : Promise.resolve(stored));
  directory = new SupervisorDirectory(
    { findAll } as Partial<SupervisorRepository> as SupervisorRepository,
    feed as Partial<ChangeFeed> as ChangeFeed,
  );
  directory.onChange((...change) => told.push(change));
  await directory.onApplicationBootstrap();
  told = [];
});
afterEach(() => vi.useRealTimers());

const ids = () => [...directory.all()].map(({ id }) => id).sort();

it('knows all of them from its start', () => {
  expect(ids()).toEqual(['s1']);
  expect(directory.find('s1')).toEqual(stored?.[0]);
  expect(directory.find('s2')).toBeUndefined();
});

it('keeps the newest state, whatever comes later', () => {
  directory.know(supervisor('s1', { revision: 7, state: 'DISABLED' }));
  directory.know(supervisor('s1', { revision: 6, state: 'PENDING' }));
  expect(directory.find('s1')).toMatchObject({ revision: 7, state: 'DISABLED' });
  directory.know(supervisor('s1', { revision: 8, state: 'ENABLED' }));
  expect(directory.find('s1')).toMatchObject({ revision: 8, state: 'ENABLED' });
  expect(told.map(([, one]) => one?.revision)).toEqual([7, 8]);
});

it.each<[string, Partial<Supervisor>, number]>([
  ['its state', { state: 'DISABLED' }, 1],
  ['that it is lost', { lost: true }, 1],
  ['that it is silent', { silent: true }, 1],
  ['a new connection', { epoch: 2 }, 1],
  ['what somebody has set', { updatedAt: new Date(1) }, 1],
  ['a renewed lease, which concerns nobody', { leaseExpiresAt: new Date(1) }, 0],
])('tells of %s', (_, changes, count) => {
  directory.know(supervisor('s1', { revision: 6, ...changes }));
  expect(told).toHaveLength(count);
});

it('forgets what is removed, here or elsewhere', () => {
  directory.know(supervisor('s2'));
  directory.forget('s2');
  expect(ids()).toEqual(['s1']);
  tell({ id: 's1', document: undefined });
  expect(ids()).toEqual([]);
  expect(told.slice(1)).toEqual([
    ['s2', undefined],
    ['s1', undefined],
  ]);
});

it('reads all of them again when changes may have been missed, as soon as that is possible', async () => {
  directory.know(supervisor('s2'));
  stored = undefined;
  gap();
  await vi.advanceTimersByTimeAsync(900);
  expect(ids()).toEqual(['s1', 's2']);
  stored = [supervisor('s1', { revision: 6, state: 'DISABLED' }), supervisor('s3')];
  await vi.advanceTimersByTimeAsync(100);
  expect(ids()).toEqual(['s1', 's3']);
  expect(directory.find('s1')).toMatchObject({ state: 'DISABLED' });
});

it('knows who vanished together, as soon as it has changed', () => {
  const gone = (id: string) => supervisor(id, { state: 'DISCONNECTED', lost: true, revision: 9 });
  for (const id of ['s1', 's2']) directory.know(gone(id));
  expect(directory.isAwaited('s1')).toBe(false);
  directory.know(gone('s3'));
  expect(directory.isAwaited('s1')).toBe(true);
});
