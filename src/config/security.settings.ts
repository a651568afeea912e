import { isIPv4 } from 'node:net';
import { IsBoolean, IsIn, IsOptional, IsString } from 'class-validator';
import { invalidParameter, requiredParameter } from '../common/errors/errors.js';
import { ADDRESS_FORM, isGrpcAddress } from '../common/grpc/grpc-address.js';
import { compileValidator } from '../common/validation/compile-validator.js';

/** Who may call, and how calls are protected on their way. One environment variable each, as for `ServerSettings`. */
export class SecuritySettings {
  /** `jwt` believes signed tokens, `none` everybody. */
  @IsOptional() @IsIn(['none', 'jwt']) auth?: 'none' | 'jwt';
  /** JWK set with the keys of tokens: a file, or an http(s) URL. */
  @IsOptional() @IsString() auth_jwks?: string;
  /** Cloudforet's identity service, which has a key for each domain. */
  @IsOptional() @IsString() auth_identity?: string;
  /** File with the token that the identity service is shown. */
  @IsOptional() @IsString() auth_identity_token?: string;
  /** The domain of the identity service whose key alone signs SYSTEM_TOKENs. */
  @IsOptional() @IsString() auth_system_domain?: string;
  /** Ed25519 private key that tokens for plugins are signed with: PEM or JWK file. */
  @IsOptional() @IsString() token_key?: string;
  /** Certificate chain and key of both servers: PEM files. */
  @IsOptional() @IsString() tls_cert?: string;
  @IsOptional() @IsString() tls_key?: string;
  /** Who signs the certificates that clients must have: a PEM file. */
  @IsOptional() @IsString() tls_client_ca?: string;
  /** Whether the gRPC server describes its services to whoever asks. */
  @IsBoolean() reflection = true;
  /** Whether the HTTP server describes its routes: `/openapi.json` and `/docs`. */
  @IsOptional() @IsBoolean() docs?: boolean;
}

/** {@link SecuritySettings} with everything decided. */
export interface ResolvedSecuritySettings extends SecuritySettings {
  auth: 'none' | 'jwt';
  docs: boolean;
  /** Nobody has said who may call: the server is for its own machine. */
  local_only: boolean;
}

/** The settings there are, by the names that the class gives them. */
const names: readonly (keyof SecuritySettings)[] = [
  'auth',
  'auth_jwks',
  'auth_identity',
  'auth_identity_token',
  'auth_system_domain',
  'token_key',
  'tls_cert',
  'tls_key',
  'tls_client_ca',
  'reflection',
  'docs',
];

const validate = compileValidator(SecuritySettings, { coerce: true });

/**
 * @param valueOf the text of a setting, where there is one
 * @param host that the servers are bound to
 * @throws BerthError naming the setting at fault
 */
export function readSecuritySettings(
  valueOf: (name: string) => string | undefined,
  host: string,
): ResolvedSecuritySettings {
  const settings = validate(Object.fromEntries(names.map((name) => [name, valueOf(name)])));
  checkKeys(settings);
  checkTls(settings);
  const local_only = settings.auth === undefined;
  return Object.assign(settings, {
    auth: settings.auth ?? withoutBeingTold(host),
    docs: settings.docs ?? isLoopback(host),
    local_only,
  });
}

/** Nobody else reaches loopback: there, and only there, asking nobody who he is can be the default. */
function withoutBeingTold(host: string): 'none' {
  if (isLoopback(host)) return 'none';
  throw invalidParameter(
    'host',
    'others can reach it: set BERTH_AUTH=jwt with BERTH_AUTH_JWKS or BERTH_AUTH_IDENTITY, ' +
      'or BERTH_AUTH=none to let in whoever comes',
    host,
  );
}

const isLoopback = (host: string) =>
  host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));

function checkKeys(settings: SecuritySettings): void {
  const { auth, auth_jwks, auth_identity } = settings;
  const keys = auth_jwks ?? auth_identity;
  if (auth === 'jwt' && keys === undefined) {
    throw invalidParameter('auth', 'needs keys: set BERTH_AUTH_JWKS or BERTH_AUTH_IDENTITY', auth);
  }
  if (auth !== 'jwt' && keys !== undefined) {
    throw invalidParameter(auth_jwks === undefined ? 'auth_identity' : 'auth_jwks', 'needs BERTH_AUTH=jwt', keys);
  }
  if (auth_identity !== undefined && !isGrpcAddress(auth_identity)) {
    throw invalidParameter('auth_identity', ADDRESS_FORM, auth_identity);
  }
  if (auth_jwks !== undefined && auth_identity !== undefined) {
    throw invalidParameter('auth_identity', 'cannot be had together with BERTH_AUTH_JWKS', auth_identity);
  }
  for (const name of ['auth_identity_token', 'auth_system_domain'] as const) {
    if (auth_identity === undefined && settings[name] !== undefined) {
      throw invalidParameter(name, 'needs BERTH_AUTH_IDENTITY', settings[name]);
    }
  }
}

function checkTls({ tls_cert, tls_key, tls_client_ca }: SecuritySettings): void {
  if (tls_cert === undefined && (tls_key ?? tls_client_ca) !== undefined) throw requiredParameter('tls_cert');
  if (tls_cert !== undefined && tls_key === undefined) throw requiredParameter('tls_key');
}
