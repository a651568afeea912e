import { expect, it } from 'vitest';
import { semanticVersions } from './semantic-versions.js';

const tags = [
  'latest',
  '1.2',
  '1.2.10',
  '1.2.9',
  'v1.10.0',
  '2.0.0-rc.1',
  '1.2.9',
  '20-alpine',
  'sha-1234',
  '01.2.3',
  '',
];

it('takes whole versions, newest first, once each', () => {
  expect(semanticVersions(tags)).toEqual(['v1.10.0', '1.2.10', '1.2.9']);
});

it('takes pre-releases where they are wanted', () => {
  expect(semanticVersions(tags, true)).toEqual(['2.0.0-rc.1', 'v1.10.0', '1.2.10', '1.2.9']);
});
