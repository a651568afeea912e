import type { JSONWebKeySet, JWK } from 'jose';

/** What tokens may be signed with: asymmetric algorithms alone, so that whoever verifies cannot sign. */
export const ALGORITHMS = [
  'EdDSA',
  'Ed25519',
  'ES256',
  'ES384',
  'ES512',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
];

const publicKinds = new Set(['RSA', 'EC', 'OKP']);

/**
 * The public keys of a JWK set, or of a single JWK, as text.
 *
 * @throws Error saying why there are none; it never holds a key
 */
export function readKeySet(text: string): JSONWebKeySet {
  const value = parse(text);
  const found = Array.isArray(value['keys']) ? (value['keys'] as unknown[]) : 'kty' in value ? [value] : [];
  const keys = found.filter(isPublicKind);
  if (keys.length === 0) throw new Error('it holds no RSA, EC or OKP key');
  const secret = keys.find((key) => key.d !== undefined);
  if (secret !== undefined) throw new Error(`it holds a private key (kid = ${secret.kid ?? 'none'})`);
  return { keys };
}

function parse(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error('it is not JSON');
  }
  if (typeof value !== 'object' || value === null) throw new Error('it is no JSON object');
  return value as Record<string, unknown>;
}

function isPublicKind(value: unknown): value is JWK & { kty: string } {
  const kty = typeof value === 'object' && value !== null ? (value as JWK).kty : undefined;
  return kty !== undefined && publicKinds.has(kty);
}
