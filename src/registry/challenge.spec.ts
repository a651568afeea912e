import { expect, it } from 'vitest';
import { parseChallenges } from './challenge.js';

const read = (header: string) =>
  parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

it.each<[string, unknown]>([
  ['Basic realm="Registry Realm"', [['basic', { realm: 'Registry Realm' }]]],
  [
    'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"',
    [
      [
        'bearer',
        { realm: 'https://auth.docker.io/token', service: 'registry.docker.io', scope: 'repository:a/b:pull,push' },
      ],
    ],
  ],
  [
    'bearer realm = "https://x/t" , service=plain, Basic realm="x \\"y\\""',
    [
      ['bearer', { realm: 'https://x/t', service: 'plain' }],
      ['basic', { realm: 'x "y"' }],
    ],
  ],
  [
    'Negotiate, Basic realm="x"',
    [
      ['negotiate', {}],
      ['basic', { realm: 'x' }],
    ],
  ],
  ['', []],
  ['"""===,,,', []],
  ['realm="nobody"', []],
])('%s', (header, challenges) => expect(read(header)).toEqual(challenges));
