import { createPrivateKey, createPublicKey, type JsonWebKeyInput, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { calculateJwkThumbprint, exportJWK, type JWK } from 'jose';

/** What tokens for plugins are signed with, and what they are verified with. */
export interface TokenKey {
  readonly privateKey: KeyObject;
  /** With its `kid`, the thumbprint of the key. */
  readonly publicKey: JWK & { kid: string };
}

/**
 * Reads an Ed25519 private key, PEM or JWK.
 *
 * @throws Error naming the file, and never the key
 */
export async function readTokenKey(path: string): Promise<TokenKey> {
  try {
    const privateKey = parse(await readFile(path, 'utf8'));
    if (privateKey.asymmetricKeyType !== 'ed25519') {
      throw new Error(`it must be an Ed25519 key (type = ${privateKey.asymmetricKeyType})`);
    }
    const jwk = await exportJWK(createPublicKey(privateKey));
    const kid = await calculateJwkThumbprint(jwk);
    return { privateKey, publicKey: { ...jwk, kid, alg: 'EdDSA', use: 'sig' } };
  } catch (error) {
    throw new Error(`The token key ${path} is not usable: ${(error as Error).message}`, { cause: error });
  }
}

function parse(text: string): KeyObject {
  if (!text.trimStart().startsWith('{')) return createPrivateKey(text);
  let key: JsonWebKeyInput['key'];
  try {
    key = JSON.parse(text) as JsonWebKeyInput['key'];
  } catch {
    // The parser's own message shows a piece of what it could not read.
    throw new Error('it is not JSON');
  }
  return createPrivateKey({ key, format: 'jwk' });
}
