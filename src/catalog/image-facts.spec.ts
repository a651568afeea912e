import { expect, it } from 'vitest';
import type { CatalogPlugin } from './catalog.js';
import { imageFactsOf } from './image-facts.js';

const process = { command: ['node'], workingDirectory: '.', env: {} };
const at = (image: string) => [{ version: '2.0.0' }, { version: '1.0.0', container: { image, env: {} } }];

it.each<[string, Partial<CatalogPlugin>, string, string, string]>([
  [
    'an image and its registry',
    { image: 'org/x', registryUrl: 'harbor.example/p' },
    'harbor.example/p',
    'org/x',
    'HARBOR',
  ],
  [
    'a registry that says its scheme',
    { image: 'x', registryUrl: 'http://r.example:5000/' },
    'r.example:5000',
    'x',
    'HARBOR',
  ],
  ['an image that names its registry', { image: 'r.example/x', registryUrl: 'r.example' }, 'r.example', 'x', 'HARBOR'],
  ['an image alone', { image: 'org/x' }, 'docker.io', 'org/x', 'DOCKER_HUB'],
  ['an official image', { image: 'alpine' }, 'docker.io', 'library/alpine', 'DOCKER_HUB'],
  ['an image elsewhere', { image: 'ghcr.io/org/x' }, 'ghcr.io', 'org/x', 'GITHUB'],
  [
    'what its versions name',
    { versions: at('1.dkr.ecr.eu-west-1.amazonaws.com/x') },
    '1.dkr.ecr.eu-west-1.amazonaws.com',
    'x',
    'AWS_PRIVATE_ECR',
  ],
  ['what all its tags are of', { tagged: { image: 'eu.gcr.io/p/x', env: {} } }, 'eu.gcr.io', 'p/x', 'GCP_PRIVATE_GCR'],
  ['a type that the catalog names', { image: 'r.example/x', registryType: 'GITHUB' }, 'r.example', 'x', 'GITHUB'],
  ['processes alone', { versions: [{ version: '1.0.0', process }] }, 'registry.invalid', 'plugin-x', 'DOCKER_HUB'],
  ['nothing at all', {}, 'registry.invalid', 'plugin-x', 'DOCKER_HUB'],
  ['a name that nobody can pull', { image: 'Org/X' }, 'registry.invalid', 'Org/X', 'DOCKER_HUB'],
])('of a plugin with %s', (_, plugin, registry_url, image, registry_type) => {
  const facts = imageFactsOf({ pluginId: 'plugin-x', name: '', state: 'ENABLED', resourceType: 'a.B', ...plugin });
  expect(facts).toEqual({ image, registry_url, registry_type });
});
