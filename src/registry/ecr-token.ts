import { AwsClient } from 'aws4fetch';
import { RegistryError } from './registry-error.js';
import type { EcrKeys, RegistryLogin } from './registry-credentials.js';
import type { RegistryHttp } from './registry-http.js';

const ACTION = 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken';

export interface EcrLogin {
  readonly login: RegistryLogin;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** @param region such as `eu-west-1` @returns where ECR answers there */
export const ecrEndpoint = (region: string): string =>
  `https://api.ecr.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}/`;

/**
 * Exchanges access keys for a password of Amazon's registry.
 *
 * @throws RegistryError `denied` where the keys are refused
 */
export async function ecrLogin(http: RegistryHttp, keys: EcrKeys, endpoint = ecrEndpoint): Promise<EcrLogin> {
  const { accessKeyId, secretAccessKey, sessionToken, region } = keys;
  const url = endpoint(region);
  const signer = new AwsClient({ accessKeyId, secretAccessKey, sessionToken, region, service: 'ecr' });
  const signed = await signer.sign(url, {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': ACTION },
  });
  const { host } = new URL(url);
  const headers = Object.fromEntries(signed.headers);
  const { status, body } = await http.send({ method: 'POST', url, headers, body: '{}', home: host });
  if (status !== 200) throw new RegistryError('denied', `${host} refuses the access keys (${status}).`);
  const [entry] = (parse(body).authorizationData ?? []) as { authorizationToken?: string; expiresAt?: number }[];
  const [username = '', password = ''] = Buffer.from(entry?.authorizationToken ?? '', 'base64')
    .toString()
    .split(':');
  if (password === '') throw new RegistryError('unavailable', `${host} answers without a token.`);
  return { login: { username, password }, expiresAt: (entry?.expiresAt ?? 0) * 1_000 };
}

function parse(body: string): { authorizationData?: unknown[] } {
  try {
    return JSON.parse(body) as { authorizationData?: unknown[] };
  } catch {
    return {};
  }
}
