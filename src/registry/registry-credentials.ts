import { RegistryError } from './registry-error.js';

/** What proves to a registry who is asking. */
export interface RegistryLogin {
  readonly username: string;
  readonly password: string;
}

/** Access keys of Amazon, which ECR exchanges for a password that is good for twelve hours. */
export interface EcrKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly region: string;
}

export type RegistryCredentials =
  { readonly kind: 'login'; readonly login: RegistryLogin } | { readonly kind: 'ecr'; readonly keys: EcrKeys };

/** Who a registry takes for the owner of a mere token. */
const TOKEN_USERS: Readonly<Record<string, string>> = {
  AWS_PRIVATE_ECR: 'AWS',
  GITHUB: 'token',
  GCP_PRIVATE_GCR: 'oauth2accesstoken',
};

/**
 * Reads the `registry_config` of a catalog entry:
 * - `username` and `password`: any registry
 * - `auth`, or `token` for HARBOR: both in one, as base64 of `username:password`
 * - `password` alone: an access token of AWS_PRIVATE_ECR, GITHUB or GCP_PRIVATE_GCR (or the JSON key of a service account)
 * - `github_token`: GITHUB
 * - `aws_access_key_id`, `aws_secret_access_key`, `region_name`: AWS_PRIVATE_ECR
 *
 * @param type as in catalogs: `DOCKER_HUB`, `HARBOR`, …
 * @returns undefined where it names none: the registry is asked without
 * @throws RegistryError `invalid`, naming the key that is missing
 */
export function credentialsOf(
  type: string | undefined,
  config: Readonly<Record<string, unknown>> = {},
): RegistryCredentials | undefined {
  const text = (key: string): string | undefined => {
    const value = config[key];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const accessKeyId = text('aws_access_key_id');
  if (accessKeyId !== undefined) {
    const secretAccessKey = text('aws_secret_access_key');
    const region = text('region_name') ?? text('region');
    if (secretAccessKey === undefined) throw missing('aws_secret_access_key', 'aws_access_key_id');
    if (region === undefined) throw missing('region_name', 'aws_access_key_id');
    return { kind: 'ecr', keys: { accessKeyId, secretAccessKey, sessionToken: text('aws_session_token'), region } };
  }
  const encoded = text('auth') ?? (type === 'HARBOR' ? text('token') : undefined);
  if (encoded !== undefined) return { kind: 'login', login: decode(encoded) };
  const password = text('password') ?? text('github_token') ?? text('token');
  const username = text('username') ?? userOf(type, password);
  if (password === undefined) {
    if (text('username') !== undefined) throw missing('password', 'username');
    return undefined;
  }
  if (username === undefined) throw missing('username', 'password');
  return { kind: 'login', login: { username, password } };
}

function userOf(type = '', password = ''): string | undefined {
  return type === 'GCP_PRIVATE_GCR' && password.trimStart().startsWith('{') ? '_json_key' : TOKEN_USERS[type];
}

function decode(encoded: string): RegistryLogin {
  const [username = '', ...rest] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  if (username === '' || rest.length === 0) {
    throw new RegistryError('invalid', 'registry_config is not usable: auth is not base64 of username:password.');
  }
  return { username, password: rest.join(':') };
}

const missing = (key: string, beside: string): RegistryError =>
  new RegistryError('invalid', `registry_config is not usable: ${key} is missing beside ${beside}.`);
