import { expect, it } from 'vitest';
import { stuckBecause } from './stuck.js';

/** As kubelets say it. */
const pull = (why: string) => `ErrImagePull: failed to pull and unpack image "registry.example/a:1": ${why}`;

it.each([
  [
    pull('failed to resolve reference "registry.example/a:1": registry.example/a:1: not found'),
    false,
    'image-not-found',
  ],
  [pull('manifest unknown'), false, 'image-not-found'],
  ['ImagePullBackOff: Back-off pulling image "a:1": ErrImagePull: repository does not exist', false, 'image-not-found'],
  ['ImagePullBackOff: x; Failed: Failed to pull image "a:1": a:1: not found', true, 'image-not-found'],
  [pull('unexpected status: 401 Unauthorized'), false, 'lasting'],
  ['InvalidImageName: Failed to apply default image tag "A:1": couldn\'t parse image name', false, 'lasting'],
  ['CreateContainerConfigError: secret "x" not found', false, 'lasting'],
  ['FailedCreate: pods "x" is forbidden: violates PodSecurity "restricted:latest"', false, 'lasting'],
  [pull('dial tcp: i/o timeout'), true, 'passing'],
  ['FailedCreate: pods "x" is forbidden: exceeded quota', true, 'passing'],
])('%s: repeating may help %s, %s', (reason, recoverable, fault) => {
  const error = stuckBecause(reason, recoverable);
  expect(error).toMatchObject({ message: reason, fault, recoverable: fault === 'passing' });
});
