import { expect, it } from 'vitest';
import type { ContainerState, Pod } from './objects.js';
import { podState } from './pod-state.js';

const pod = (status: Pod['status']): Pod => ({ metadata: { name: 'p' }, status });

const container = (state: ContainerState, more: object = {}): Pod =>
  pod({ phase: 'Running', containerStatuses: [{ name: 'plugin', state, ...more }] });

const waitingFor = (reason: string, message?: string, more?: object) =>
  container({ waiting: { reason, message } }, more);
const exit = (exitCode: number, reason = 'Error') => ({ terminated: { exitCode, reason } });

const unschedulable = pod({
  phase: 'Pending',
  conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes are available' }],
});

/** Unready since, running since, and the end of the run before. */
const running = (unreadySince: string, startedAt: string, lastState?: ContainerState) =>
  pod({
    phase: 'Running',
    conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: unreadySince }],
    containerStatuses: [{ name: 'plugin', ready: false, state: { running: { startedAt } }, lastState }],
  });

it.each<[string, Pod, string, string]>([
  ['nothing known yet', pod(undefined), 'waiting', 'no node has taken it up yet'],
  ['no room', unschedulable, 'waiting', 'Unschedulable: 0/3 nodes are available'],
  ['being made', waitingFor('ContainerCreating'), 'waiting', 'ContainerCreating'],
  ['running, not ready', container({ running: {} }), 'waiting', 'its readiness probe does not pass yet'],
  ['ready', container({ running: {} }, { ready: true }), 'ready', ''],
  [
    'no such image',
    waitingFor('ErrImagePull', 'docker.io/x:1: not found'),
    'stuck',
    'ErrImagePull: docker.io/x:1: not found',
  ],
  ['still no image', waitingFor('ImagePullBackOff', 'Back-off pulling'), 'stuck', 'ImagePullBackOff: Back-off pulling'],
  ['a bad image name', waitingFor('InvalidImageName', 'x'), 'stuck', 'InvalidImageName: x'],
  [
    'runs as root',
    waitingFor('CreateContainerConfigError', 'image will run as root'),
    'stuck',
    'image will run as root',
  ],
  ['no such program', waitingFor('RunContainerError', 'exec: not found'), 'stuck', 'RunContainerError'],
  ['crashed', container(exit(3)), 'ended', 'exited with code 3'],
  [
    'killed',
    container({ terminated: { exitCode: 137, signal: 9, reason: 'Error' } }),
    'ended',
    'was ended by signal 9',
  ],
  ['ended by itself', container(exit(0, 'Completed')), 'ended', 'exited with code 0'],
  ['out of memory', container(exit(137, 'OOMKilled')), 'ended', 'OOMKilled: it used more memory than its limit'],
  [
    'crashing again and again',
    waitingFor('CrashLoopBackOff', 'back-off 10s', { lastState: exit(137, 'OOMKilled') }),
    'ended',
    'CrashLoopBackOff: back-off 10s (OOMKilled: it used more memory than its limit)',
  ],
  ['evicted', pod({ phase: 'Failed', reason: 'Evicted', message: 'low on memory' }), 'ended', 'Evicted: low on memory'],
  [
    'failed',
    pod({ phase: 'Failed', containerStatuses: [{ name: 'plugin', state: exit(2) }] }),
    'ended',
    'exited with code 2',
  ],
  [
    'started again at once',
    running('2026-01-01T00:00:05Z', '2026-01-01T00:00:05Z', exit(1)),
    'ended',
    'exited with code 1',
  ],
  [
    'unready, long after a restart',
    running('2026-01-01T09:00:00Z', '2026-01-01T00:00:05Z', exit(1)),
    'waiting',
    'readiness',
  ],
])('%s', (_, given, kind, reason) => {
  expect(podState(given)).toMatchObject({ kind, reason: expect.stringContaining(reason) as string });
});

it.each<[string, Pod, boolean]>([
  ['an image that is not there', waitingFor('ErrImagePull', 'x: not found'), false],
  ['a password that is wrong', waitingFor('ErrImagePull', '401 Unauthorized'), false],
  ['a registry that is away', waitingFor('ErrImagePull', 'dial tcp: i/o timeout'), true],
  ['a name that cannot be', waitingFor('InvalidImageName'), false],
  ['a missing Secret', waitingFor('CreateContainerConfigError', 'secret "x" not found'), false],
  ['a container that could not be made', waitingFor('CreateContainerError', 'context deadline exceeded'), true],
])('knows whether trying again may help against %s', (_, given, recoverable) => {
  expect(podState(given).recoverable).toBe(recoverable);
});

it('blames the plugin for what it did itself only', () => {
  expect(podState(pod({ phase: 'Failed', reason: 'Evicted' })).blameless).toBe(true);
  expect(podState(container(exit(137, 'OOMKilled'))).blameless).toBe(false);
});
