import { expect, it } from 'vitest';
import { mergePublished, type PublishedPlugin } from './published-plugin.js';

const published = (
  phase: PublishedPlugin['phase'],
  endpoints: readonly string[] = [],
  changes: Partial<PublishedPlugin> = {},
): PublishedPlugin => ({ pluginId: 'p', version: '1', phase, endpoints, ...changes });

it('leaves different plugins and versions apart', () => {
  const plugins = [
    published('SERVING', ['a']),
    published('SERVING', ['b'], { version: '2' }),
    published('SERVING', ['c'], { pluginId: 'p1', version: '' }),
  ];
  expect(mergePublished(plugins)).toEqual(plugins);
});

it.each<[string, PublishedPlugin[], PublishedPlugin]>([
  [
    'what serves counts before what starts',
    [published('STARTING'), published('SERVING', ['a'])],
    published('SERVING', ['a']),
  ],
  ['and before what fails', [published('SERVING', ['a']), published('FAILED', ['b'])], published('SERVING', ['a'])],
  ['what starts counts before what fails', [published('FAILED'), published('STARTING')], published('STARTING')],
  [
    'all that serve count, each endpoint once',
    [published('SERVING', ['a', 'b']), published('SERVING', ['b', 'c'])],
    published('SERVING', ['a', 'b', 'c']),
  ],
])('makes one statement of several: %s', (_, plugins, merged) => {
  expect(mergePublished(plugins)).toEqual([merged]);
  expect(mergePublished([...plugins, ...plugins])).toEqual([merged]);
});
