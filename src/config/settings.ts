import { join } from 'node:path';
import { IsBoolean, IsIn, IsInt, IsNotEmpty, IsOptional, IsString, Max, Min } from 'class-validator';
import { invalidParameter } from '../common/errors/errors.js';
import { ADDRESS_FORM, isGrpcAddress, isGrpcScheme } from '../common/grpc/grpc-address.js';
import { compileValidator } from '../common/validation/compile-validator.js';
import { packageRoot } from './package-root.js';
import { readRepositoryPort } from './repository-port.js';
import { readSecuritySettings, type ResolvedSecuritySettings } from './security.settings.js';

/** All that the server can be told, with its defaults. One environment variable each: `BERTH_` and the name in capitals. */
export class ServerSettings {
  /** Address that both servers bind to. */
  @IsString() @IsNotEmpty() host = '127.0.0.1';
  /** Port of the gRPC server; 0 takes a free one. */
  @IsInt() @Min(0) @Max(65_535) grpc_port = 50_051;
  /** Port of the HTTP server; 0 takes a free one. */
  @IsInt() @Min(0) @Max(65_535) http_port = 8080;
  /** API processes on the same ports. */
  @IsInt() @Min(1) @Max(256) workers = 1;
  /** Where the embedded database and the embedded agent keep their files. */
  @IsString() @IsNotEmpty() data_dir = './data';
  /** Which plugins there are: a YAML file, or `grpc://host:port` (`grpc+ssl://` over TLS) of a Cloudforet repository service. */
  @IsString() @IsNotEmpty() catalog = join(packageRoot, 'catalog.yaml');
  /** What the embedded agent's plugins find their working directories in. */
  @IsString() @IsNotEmpty() plugin_dir = packageRoot;
  /** Longest wait for a deployment, in milliseconds, where the caller sets no deadline of its own. */
  @IsInt() @Min(1) @Max(3_600_000) provision_timeout = 120_000;
  /** So many callers of one domain may wait for deployments at a time, in each API process; one more is refused. */
  @IsInt() @Min(1) @Max(1_000_000) queue_max = 1_000;
  /** So many bindings (domain, plugin, version and labels) each API process keeps in memory; the others it reads when asked. */
  @IsInt() @Min(1) @Max(10_000_000) directory_max = 100_000;
  /** How long callers use an endpoint that they were given, in milliseconds: it is not removed as idle before. */
  @IsInt() @Min(1_000) @Max(86_400_000) endpoint_lease = 600_000;
  /** Instances that nobody asks for in this time are removed, in milliseconds; 0 keeps all. */
  @IsInt() @Min(0) @Max(31_536_000_000) idle_ttl = 259_200_000;
  /** How long it is kept what became of supervisors and plugins, in milliseconds. */
  @IsInt() @Min(60_000) @Max(31_536_000_000) events_ttl = 604_800_000;
  /** `embedded` runs a supervisor agent inside the server; `none` leaves that to agents elsewhere. */
  @IsIn(['embedded', 'none']) agent: 'embedded' | 'none' = 'embedded';
  /** The domain whose supervisor the embedded agent is; being public, it serves every domain. */
  @IsString() @IsNotEmpty() agent_domain = 'domain-local';
  /** First publish: ENABLED at once, or PENDING until somebody calls register. */
  @IsBoolean() supervisor_auto_enable = true;
  /** How long a supervisor that nobody registers stays PENDING, in milliseconds. */
  @IsInt() @Min(1_000) @Max(86_400_000) pending_timeout = 300_000;
  /** How often an agent reports that it is alive, in milliseconds. */
  @IsInt() @Min(100) @Max(60_000) heartbeat_interval = 3_000;
  /** Without a heartbeat for this long a supervisor counts as lost, in milliseconds. */
  @IsInt() @Min(300) @Max(600_000) supervisor_lease = 9_000;
  @IsIn(['debug', 'info', 'warn', 'error']) log_level: 'debug' | 'info' | 'warn' | 'error' = 'info';
  /** `json` for machines, `text` for people; `auto` is text on a terminal. */
  @IsIn(['auto', 'json', 'text']) log_format: 'auto' | 'json' | 'text' = 'auto';
  /** File with the token that the repository service is shown. */
  @IsOptional() @IsString() catalog_token?: string;
  /** Where tag lists are read and images pulled from, whatever registry they name. */
  @IsOptional() @IsString() registry_mirror?: string;
  /** MongoDB to use instead of the embedded database: the variable is MONGODB_URI. */
  @IsOptional() @IsString() mongodb_uri?: string;
  /** Port of the repository service; 0 takes a free one, undefined is none. */
  repository_port?: number | undefined;
  /**
   * How long each of the two steps of a command to the database may take, in milliseconds: callers hear afterwards that it
   * is away.
   */
  @IsInt() @Min(100) @Max(60_000) database_timeout = 800;
  /** Who may call, and how calls are protected on their way. */
  security!: ResolvedSecuritySettings;
}

type Environment = Readonly<Record<string, string | undefined>>;

const variableOf = (name: string) => (name === 'mongodb_uri' ? 'MONGODB_URI' : `BERTH_${name.toUpperCase()}`);

const validate = compileValidator(ServerSettings, { coerce: true });

/**
 * Reads the settings from the environment, once, at start.
 *
 * @throws Error naming the variable and what it should be
 */
export function readServerSettings(env: Environment = process.env): ServerSettings {
  const names = [...Object.keys(new ServerSettings()), 'catalog_token', 'registry_mirror', 'mongodb_uri'];
  try {
    const settings = validate(Object.fromEntries(names.map((name) => [name, env[variableOf(name)]])));
    if (settings.supervisor_lease < 2 * settings.heartbeat_interval) {
      throw invalidParameter(
        'supervisor_lease',
        'must be at least twice the heartbeat interval',
        settings.supervisor_lease,
      );
    }
    checkCatalog(settings);
    settings.repository_port = readRepositoryPort(env[variableOf('repository_port')], settings);
    settings.security = readSecuritySettings((name) => env[variableOf(name)], settings.host);
    return settings;
  } catch (error) {
    const message = (error as Error).message.replace(
      /key = (\w+)/,
      (_, name: string) => `variable = ${variableOf(name)}`,
    );
    throw new Error(`The environment is not usable. ${message}`, { cause: error });
  }
}

function checkCatalog({ catalog, catalog_token }: ServerSettings): void {
  const isService = isGrpcScheme(catalog);
  if (isService && !isGrpcAddress(catalog)) {
    throw invalidParameter('catalog', `${ADDRESS_FORM}, or a file`, catalog);
  }
  if (!isService && catalog_token !== undefined) {
    throw invalidParameter('catalog_token', 'needs BERTH_CATALOG=grpc://host:port', catalog_token);
  }
}
