import { LRUCache } from 'lru-cache';
import { type Challenge, parseChallenges } from './challenge.js';
import { ecrEndpoint, ecrLogin } from './ecr-token.js';
import type { RegistryCredentials, RegistryLogin } from './registry-credentials.js';
import { RegistryError } from './registry-error.js';
import type { HttpAnswer, HttpRequest, RegistryHttp } from './registry-http.js';

/** Without a word about it, a token is good for this long (the distribution specification says so). */
const TOKEN_SECONDS = 60;
/** Whatever is about to expire is not used any more. */
const MARGIN_MS = 5_000;
const MAX_TOKENS = 1_000;

export interface AuthorizedRequest extends HttpRequest {
  /** What is asked for: `repository:library/alpine:pull`. */
  readonly scope: string;
  readonly credentials?: RegistryCredentials;
}

/** Sends requests with what the registry asks for: nothing, a password, or a token that it is fetched for. */
export class RegistryAuth {
  /** `Authorization` headers that have worked. */
  private readonly known: LRUCache<string, string>;
  private readonly logins: LRUCache<string, RegistryLogin>;

  constructor(
    private readonly http: RegistryHttp,
    private readonly now: () => number = Date.now,
    private readonly endpointOfEcr = ecrEndpoint,
  ) {
    const perf = { now };
    this.known = new LRUCache({ max: MAX_TOKENS, perf, ttlResolution: 0 });
    this.logins = new LRUCache({ max: MAX_TOKENS, perf, ttlResolution: 0 });
  }

  /** @throws RegistryError `denied` where the credentials are wrong, or needed and missing */
  async send(message: AuthorizedRequest): Promise<HttpAnswer> {
    const login = await this.login(message.credentials);
    const key = JSON.stringify([message.home, message.scope, login?.username, login?.password]);
    const before = this.known.get(key);
    const first = await this.http.send(withAuthorization(message, before));
    if (first.status !== 401) return first;
    this.known.delete(key);
    const { value, seconds } = await this.authorization(message, first, login);
    const second = await this.http.send(withAuthorization(message, value));
    if (second.status === 401) throw denied(message, login);
    if (seconds > 0) this.known.set(key, value, { ttl: Math.max(1, seconds * 1_000 - MARGIN_MS) });
    return second;
  }

  /** The name and password behind the credentials. @throws RegistryError `denied` */
  async login(credentials: RegistryCredentials | undefined): Promise<RegistryLogin | undefined> {
    if (credentials?.kind !== 'ecr') return credentials?.login;
    const key = JSON.stringify(credentials.keys);
    const known = this.logins.get(key);
    if (known !== undefined) return known;
    const { login, expiresAt } = await ecrLogin(this.http, credentials.keys, this.endpointOfEcr);
    const ttl = expiresAt - this.now() - MARGIN_MS;
    if (ttl > 0) this.logins.set(key, login, { ttl });
    return login;
  }

  private async authorization(
    message: AuthorizedRequest,
    { header, url }: HttpAnswer,
    login: RegistryLogin | undefined,
  ): Promise<{ value: string; seconds: number }> {
    const challenges = parseChallenges(header('www-authenticate') ?? '');
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
    if (bearer) return this.token(message, bearer, url, login);
    if (login !== undefined && challenges.some(({ scheme }) => scheme === 'basic')) {
      return { value: basic(login), seconds: 3_600 };
    }
    throw denied(message, login);
  }

  private async token(
    message: AuthorizedRequest,
    { parameters }: Challenge,
    askedAt: string,
    login: RegistryLogin | undefined,
  ): Promise<{ value: string; seconds: number }> {
    const realm = realmOf(parameters.get('realm'), askedAt);
    const service = parameters.get('service');
    if (service !== undefined) realm.searchParams.set('service', service);
    realm.searchParams.set('scope', parameters.get('scope') ?? message.scope);
    const { home } = message;
    const headers = login && { authorization: basic(login) };
    const { status, body } = await this.http.send({ method: 'GET', url: realm.href, headers, home });
    if (status === 401 || status === 403) throw denied(message, login);
    if (status !== 200) throw new RegistryError('unavailable', `${realm.host} answers ${status} instead of a token.`);
    const { token, seconds } = readToken(body);
    if (token === undefined) throw new RegistryError('unavailable', `${realm.host} answers without a token.`);
    return { value: `Bearer ${token}`, seconds };
  }
}

/** Where tokens are had: a registry on HTTPS must not have the password sent in the clear. */
function realmOf(realm: string | undefined, askedAt: string): URL {
  const asked = new URL(askedAt);
  if (realm === undefined || !URL.canParse(realm)) {
    throw new RegistryError('unavailable', `${asked.host} names no place to get a token at.`);
  }
  const url = new URL(realm);
  if (asked.protocol === 'https:' && url.protocol !== 'https:') {
    throw new RegistryError('forbidden', `${asked.host} wants the password sent to ${url.origin}: refused.`);
  }
  return url;
}

function readToken(body: string): { token?: string; seconds: number } {
  try {
    const { token, access_token, expires_in } = JSON.parse(body) as Record<string, unknown>;
    const value = [token, access_token].find((candidate) => typeof candidate === 'string' && candidate !== '');
    return { token: value as string | undefined, seconds: typeof expires_in === 'number' ? expires_in : TOKEN_SECONDS };
  } catch {
    return { seconds: 0 };
  }
}

const basic = ({ username, password }: RegistryLogin): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

const withAuthorization = (message: AuthorizedRequest, authorization: string | undefined): HttpRequest =>
  authorization === undefined ? message : { ...message, headers: { ...message.headers, authorization } };

const denied = ({ home, scope }: AuthorizedRequest, login: RegistryLogin | undefined): RegistryError =>
  new RegistryError(
    'denied',
    login === undefined
      ? `${home} wants a password, and registry_config has none. (scope = ${scope})`
      : `${home} refuses the user name or password of registry_config. (username = ${login.username}, scope = ${scope})`,
  );
