import { describe, expect, it } from 'vitest';
import { launchState } from './launch-state.js';
import type { Deployment, EndpointSlice, Pod } from './objects.js';

const deployment = (status: Deployment['status'] = {}, more: object = {}): Deployment => ({
  metadata: { name: 'd', generation: 2, ...more },
  status: { observedGeneration: 2, updatedReplicas: 1, availableReplicas: 1, ...status },
});

const pod = (state: object, more: object = {}): Pod => ({
  metadata: { name: 'p', ...more },
  status: { phase: 'Running', containerStatuses: [{ name: 'plugin', ready: 'ready' in state, state }] },
});

const ready = pod({ running: {}, ready: true });
const crashed = pod({ terminated: { exitCode: 1 } });
const starting = pod({ waiting: { reason: 'ContainerCreating' } });
const noImage = pod({ waiting: { reason: 'ErrImagePull', message: 'x: not found' } });

const slice = (...endpoints: [string, object?][]): EndpointSlice => ({
  metadata: { name: 's' },
  endpoints: endpoints.map(([address, conditions]) => ({ addresses: [address], conditions })),
});

const headless = { host: 's.ns.svc.cluster.local' };
const address = { ...headless, clusterIP: '10.96.0.9' };

describe('ready', () => {
  it('is what its controller, its Pods and its Service say so of', () => {
    const objects = { deployment: deployment(), pods: [ready], slices: [slice(['10.0.0.1', { ready: true }])] };
    expect(launchState(objects, address)).toEqual({
      kind: 'ready',
      replicas: [{ endpoint: 'grpc://s.ns.svc.cluster.local:50051', host: '10.96.0.9', port: 50_051 }],
    });
  });

  it.each<[string, object, EndpointSlice[]]>([
    ['the controller has not seen yet what is wanted', { observedGeneration: 1 }, [slice(['10.0.0.1'])]],
    ['no Pod is of the newest kind', { updatedReplicas: 0 }, [slice(['10.0.0.1'])]],
    ['no Pod is available', { availableReplicas: 0 }, [slice(['10.0.0.1'])]],
    ['the Service has no address', {}, []],
    ['the Service has none that is ready', {}, [slice(['10.0.0.1', { ready: false }])]],
    ['the only address is going', {}, [slice(['10.0.0.1', { ready: true, terminating: true }])]],
  ])('is not what %s', (_, status, slices) => {
    expect(launchState({ deployment: deployment(status), pods: [ready], slices }, address).kind).toBe('starting');
  });

  it('has one endpoint for each address where there is no other, of all slices and families', () => {
    const slices = [
      slice(['10.0.0.2'], ['10.0.0.1', { ready: true }], ['10.0.0.3', { ready: false }]),
      slice(['fd00::1']),
    ];
    const state = launchState({ deployment: deployment(), pods: [ready], slices }, headless);
    expect(state).toMatchObject({
      replicas: [
        { endpoint: 'grpc://10.0.0.1:50051', host: '10.0.0.1' },
        { endpoint: 'grpc://10.0.0.2:50051', host: '10.0.0.2' },
        { endpoint: 'grpc://[fd00::1]:50051', host: 'fd00::1' },
      ],
    });
  });

  it('it stays while one serves, whatever becomes of the others', () => {
    const objects = { deployment: deployment(), pods: [ready, crashed, noImage], slices: [slice(['10.0.0.1'])] };
    expect(launchState(objects, address).kind).toBe('ready');
  });
});

describe('not ready', () => {
  const state = (pods: Pod[], status: Deployment['status'] = {}) =>
    launchState({ deployment: deployment({ availableReplicas: 0, ...status }), pods, slices: [] }, address);

  it('has ended when all have', () => {
    expect(state([crashed])).toEqual({ kind: 'ended', reason: 'exited with code 1', blameless: false });
    expect(state([crashed, starting]).kind).toBe('starting');
  });

  it('is stuck when no Pod can come further', () => {
    expect(state([noImage, crashed])).toMatchObject({ kind: 'stuck', recoverable: false });
    expect(state([noImage, starting]).kind).toBe('starting');
  });

  it('does not count Pods that are going', () => {
    const going = pod({ terminated: { exitCode: 0 } }, { deletionTimestamp: '2026-01-01T00:00:00Z' });
    expect(state([going]).kind).toBe('starting');
  });

  it.each([
    ['pods "x" is forbidden: exceeded quota: plugins', true],
    ['pods "x" is forbidden: violates PodSecurity "restricted:latest"', false],
  ])('is stuck where no Pod may be created: %s', (message, recoverable) => {
    const conditions = [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message }];
    expect(state([], { conditions })).toEqual({ kind: 'stuck', reason: `FailedCreate: ${message}`, recoverable });
  });

  it('is absent without its Deployment, also while that is being deleted', () => {
    expect(launchState({ pods: [ready], slices: [] }, address).kind).toBe('absent');
    const going = deployment({}, { deletionTimestamp: '2026-01-01T00:00:00Z' });
    expect(launchState({ deployment: going, pods: [ready], slices: [slice(['10.0.0.1'])] }, address).kind).toBe(
      'absent',
    );
  });
});
