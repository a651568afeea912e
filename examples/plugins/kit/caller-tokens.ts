import { type handleUnaryCall, type Metadata, status } from '@grpc/grpc-js';
import { PluginError, toStatus } from './plugin-error.js';
import type { ServedService } from './unary-service.js';

/** What a token has to be for: those that Berth gives for other plugins, or other versions, are none here. */
export interface TokenAudience {
  readonly pluginId: string;
  readonly version: string;
}

/** @throws PluginError for a call without a token that holds */
type CheckCaller = (metadata: Metadata) => Promise<void>;

/** What says that the token is at fault, and not the way to the keys. */
const FAULTY = /^ERR_(JWT|JWS|JWKS_(NO|MULTIPLE)|JOSE_(ALG|NOT))/;

/**
 * Lets in those alone whom Berth has sent: a call has to have the `access_token` that came with the endpoint as metadata
 * `token`.
 *
 * @param keys URL of Berth's `/.well-known/jwks.json`
 */
export async function callerCheck(keys: string, { pluginId, version }: TokenAudience): Promise<CheckCaller> {
  // Loaded where it is needed: it is a good part of a plugin's start.
  const { createRemoteJWKSet, jwtVerify } = await import('jose');
  const key = createRemoteJWKSet(new URL(keys));
  const rules = { algorithms: ['EdDSA'], issuer: 'berth', audience: pluginId, requiredClaims: ['exp'] };
  return async (metadata) => {
    const [token, another] = metadata.get('token');
    if (typeof token !== 'string' || another !== undefined) throw unauthenticated('it needs one');
    const { payload } = await jwtVerify(token, key, rules).catch((error: Error & { code?: unknown }) => {
      if (typeof error.code === 'string' && FAULTY.test(error.code)) throw unauthenticated(error.message);
      throw new PluginError(status.UNAVAILABLE, 'ERROR_UNAVAILAVBLE', 'The keys of tokens cannot be had, try again.');
    });
    if (payload['typ'] !== 'PLUGIN_TOKEN') throw unauthenticated('it is not for plugins');
    if (payload['version'] !== version) throw unauthenticated('it is for another version of the plugin');
  };
}

/** The same service, for callers that pass the check. */
export function guardedBy(check: CheckCaller, service: ServedService): ServedService {
  const guard = (handler: handleUnaryCall<unknown, unknown>): handleUnaryCall<unknown, unknown> => {
    return (call, answer) => {
      check(call.metadata).then(
        () => handler(call, answer),
        (error: unknown) => answer(toStatus(error)),
      );
    };
  };
  const handlers = Object.entries(service.handlers).map(
    ([name, handler]) => [name, guard(handler as handleUnaryCall<unknown, unknown>)] as const,
  );
  return { ...service, handlers: Object.fromEntries(handlers) };
}

const unauthenticated = (reason: string) =>
  new PluginError(
    status.UNAUTHENTICATED,
    'ERROR_AUTHENTICATE_FAILURE',
    `A token of Berth is required. (reason = ${reason})`,
  );
