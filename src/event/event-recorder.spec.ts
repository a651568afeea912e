import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ChangeFeed } from '../change-feed/change-feed.service.js';
import type { Transition, Transitioned } from '../database/transitions.js';
import type { InstanceTransitions } from '../installed-plugin/instance-transitions.service.js';
import type { SupervisorTransitions } from '../supervisor/supervisor-transitions.js';
import type { BerthEvent } from './event.js';
import { EventRecorder } from './event-recorder.service.js';
import type { EventRepository } from './event.repository.js';

let recorder: EventRecorder;
let tell: (changed: Transitioned) => void;
let gap: () => void;
let away: boolean;
/** Ids of what was written, one list for each write. */
let written: string[][];
let heard: string[];
/** What the documents still hold. */
let kept: Transitioned[];

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  Logger.overrideLogger(false);
  [away, written, heard, kept] = [false, [], [], []];
  const repository = {
    record: (events: readonly BerthEvent[]) => {
      if (away) return Promise.reject(new Error('no database'));
      if (events.length > 0) written.push(events.map(nameOf));
      return Promise.resolve();
    },
    newest: () => Promise.resolve(undefined),
  };
  const instances = { onTransition: (listener: typeof tell) => void (tell = listener), since: async () => kept };
  const supervisors = { onTransition: () => undefined, latest: async () => [] };
  recorder = new EventRecorder(
    repository as Partial<EventRepository> as EventRepository,
    instances as Partial<InstanceTransitions> as InstanceTransitions,
    supervisors as Partial<SupervisorTransitions> as SupervisorTransitions,
    { onGap: (listener: () => void) => void (gap = listener) } as Partial<ChangeFeed> as ChangeFeed,
  );
  recorder.onEvent((event) => heard.push(nameOf(event)));
});
afterEach(() => vi.useRealTimers());

const nameOf = ({ subjectId, revision }: BerthEvent) => `${subjectId}#${revision}`;

const changed = (id: string, ...revisions: number[]): Transitioned => ({
  ...{ kind: 'installed_plugin', id, supervisorId: 's1', domainId: 'domain-a', pluginId: 'p', version: '1' },
  transitions: revisions.map((revision) => ({ ...transition, revision })),
});
const transition: Transition = {
  ...{ at: new Date(0), revision: 1, from: 'ACTIVE', to: 'ERROR', reason: '', generation: 1, by: 'supervisor' },
};
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

it('writes what comes within a moment together, and each event once', async () => {
  tell(changed('a', 1, 2));
  tell(changed('a', 1, 2, 3));
  tell(changed('b', 2));
  tell(changed('a', 2, 3));
  await pass(50);
  expect(written).toEqual([['a#1', 'a#2', 'a#3', 'b#2']]);
  expect(heard).toEqual(['a#1', 'a#2', 'a#3', 'b#2']);
});

it('keeps what cannot be written, and writes it with what came meanwhile, in order', async () => {
  away = true;
  tell(changed('a', 1));
  await pass(50);
  tell(changed('a', 2));
  await pass(900);
  away = false;
  expect(written).toEqual([]);
  await pass(100);
  expect(written).toEqual([['a#1', 'a#2']]);
});

it('writes at its end what waits', async () => {
  tell(changed('a', 1));
  await recorder.onApplicationShutdown();
  expect(written).toEqual([['a#1']]);
});

it('catches up at its start and after a gap, with what it does not know yet', async () => {
  kept = [changed('a', 1)];
  recorder.onApplicationBootstrap();
  await pass(50);
  expect(written).toEqual([['a#1']]);
  kept = [changed('a', 1, 2)];
  gap();
  await pass(50);
  expect(written).toEqual([['a#1'], ['a#2']]);
});

it('remembers nothing of what was removed: made again, it begins again', async () => {
  tell({ ...changed('a'), transitions: [{ ...transition, revision: 7, to: 'REMOVED' }] });
  tell(changed('a', 1));
  await pass(50);
  expect(written).toEqual([['a#7', 'a#1']]);
});
