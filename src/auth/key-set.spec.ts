import { expect, it } from 'vitest';
import { readKeySet } from './key-set.js';

const rsa = { kty: 'RSA', kid: 'a', n: 'AQAB', e: 'AQAB' };

it('reads a set, and a key alone', () => {
  expect(readKeySet(JSON.stringify({ keys: [rsa] }))).toEqual({ keys: [rsa] });
  expect(readKeySet(JSON.stringify(rsa))).toEqual({ keys: [rsa] });
});

it('leaves out what both sides would have to know', () => {
  const set = { keys: [{ kty: 'oct', kid: 'a', k: 'c2VjcmV0' }, rsa, null, 'text'] };
  expect(readKeySet(JSON.stringify(set))).toEqual({ keys: [rsa] });
});

it.each([
  ['', 'it is not JSON'],
  ['null', 'it is no JSON object'],
  ['{}', 'it holds no RSA, EC or OKP key'],
  ['{"keys":"RSA"}', 'it holds no RSA, EC or OKP key'],
  ['{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}', 'it holds no RSA, EC or OKP key'],
  ['{"keys":[{"kty":"OKP","kid":"k7","d":"c2VjcmV0"}]}', 'it holds a private key (kid = k7)'],
])('refuses %s', (text, reason) => {
  expect(() => readKeySet(text)).toThrow(new Error(reason));
});
