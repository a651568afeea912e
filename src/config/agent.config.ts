import { parseArgs } from 'node:util';
import { isSecure, withoutScheme } from '../common/grpc/grpc-address.js';
import { AGENT_FLAGS } from './agent.flags.js';
import type { AgentFlag } from './flag-parsers.js';

/** What an agent shows to the server, and how it knows the server; paths are of PEM files. */
export interface LinkCredentials {
  readonly token?: string;
  /** Path of a file with the token, read again at each connect. */
  readonly tokenFile?: string;
  /** Connects over TLS, trusting the authorities that Node.js trusts. */
  readonly tls?: boolean;
  /** Connects over TLS, trusting these authorities. */
  readonly tlsCa?: string;
  /** The agent's own certificate, and its key. */
  readonly tlsCert?: string;
  readonly tlsKey?: string;
}

/** Where the Kubernetes driver finds its cluster; all by default within a Pod. */
export interface KubernetesAccess {
  /** A kubeconfig file; otherwise what kubectl would take, or the service account of the Pod. */
  readonly kubeconfig?: string;
  /** One of its contexts, instead of the current one. */
  readonly context?: string;
  /** Where plugins run, instead of the namespace of the context or the Pod. */
  readonly namespace?: string;
  /** A YAML file that says how plugins are run. */
  readonly settingsFile?: string;
}

/** Where the Docker driver finds its engine, and how it runs containers there. */
export interface DockerAccess {
  /** `unix:///var/run/docker.sock` (the default) or `tcp://host:2376`. */
  readonly host?: string;
  /** A folder with `ca.pem`, `cert.pem` and `key.pem`: TLS. */
  readonly certificates?: string;
  /** The network that containers join, instead of the engine's own. */
  readonly network?: string;
  /** What endpoints name: a published port of the engine's host (the default), or the container within its network. */
  readonly address?: 'published' | 'container';
  /** What a plugin may use where the catalog does not say; 0 sets no limit. */
  readonly memoryBytes?: number;
  /** Thousandths of a CPU. */
  readonly cpuMillis?: number;
  /** Processes and threads. */
  readonly pids?: number;
  /** Number of the user that plugins run as; 0 takes that of the image, which must not be root. */
  readonly user?: number;
}

/** What whoever starts an agent can decide; everything but the server has a default. */
export interface AgentSettings {
  /** Address of the server's gRPC port: `host:port`. */
  readonly server: string;
  readonly credentials?: LinkCredentials;
  /** The domain whose supervisor this is. */
  readonly domainId?: string;
  readonly name?: string;
  /** Unique within the domain. */
  readonly hostname?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  /** Serves other domains too. */
  readonly isPublic?: boolean;
  /** How many instances it has room for; 0 is no limit. */
  readonly capacity?: number;
  /** Where the agent remembers what it runs: one agent at a time. */
  readonly dataDirectory?: string;
  /** Base of the working directories that assignments name. */
  readonly pluginDirectory?: string;
  /** What runs the plugins. */
  readonly driver?: 'process' | 'docker' | 'kubernetes';
  readonly docker?: DockerAccess;
  readonly kubernetes?: KubernetesAccess;
  /** `[http[s]://][user:password@]host[:port][/path]`: where every image is pulled from, whatever registry it names. */
  readonly registryMirror?: string;
  /** Host of the endpoints that callers are given. */
  readonly advertiseHost?: string;
  /** Address plugins listen on; by default the advertised one where that is loopback, else every address. */
  readonly bindHost?: string;
  /** First and last port for plugins. */
  readonly portRange?: readonly [number, number];
  /** Whether plugins run on when the agent is told to end. */
  readonly onExit?: 'keep' | 'stop';
  /** How many plugins start at a time. */
  readonly parallelLaunches?: number;
}

/** What an agent of its own is told by its command line and environment. */
export interface AgentCommand {
  readonly settings: AgentSettings;
  readonly startTimeoutMs?: number;
  readonly stopGraceMs?: number;
  readonly maxRestarts?: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly logFormat: 'auto' | 'json' | 'text';
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What plugins get of the environment of whoever runs them: enough to find programs, nothing that is secret. */
const INHERITED = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR'];

export function pluginEnvironment(env: Environment = process.env): Record<string, string> {
  const entries = INHERITED.map((name) => [name, env[name]] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/**
 * Reads the command line of `npm run agent`; what it leaves out is taken from the environment, then from the defaults.
 *
 * @param argv without the program and its script
 * @returns undefined when help is asked for
 * @throws Error naming the flag or variable, the value, and what it should be
 */
export function agentOptionsFrom(argv: readonly string[], env: Environment = process.env): AgentCommand | undefined {
  const given = parseFlags(argv);
  return given['help'] === undefined ? commandOf(given, env) : undefined;
}

/**
 * What the agent within the server is told: the same variables as those of `npm run agent`.
 *
 * @throws Error naming the variable, its value, and what it should be
 */
export function embeddedAgentFrom(env: Environment = process.env): AgentCommand {
  return commandOf({}, env);
}

function commandOf(given: Given, env: Environment): AgentCommand {
  const values = nested(AGENT_FLAGS.map((flag) => [flag.key, valueOf(flag, given[flag.name], env)]));
  const { startTimeoutMs, stopGraceMs, maxRestarts, logLevel, logFormat, credentials, ...settings } =
    values as unknown as Omit<AgentCommand, 'settings'> & AgentSettings;
  const { docker } = settings;
  if ((credentials?.tlsCert === undefined) !== (credentials?.tlsKey === undefined)) {
    throw new Error('--tls-cert and --tls-key belong together.');
  }
  if (docker?.address === 'container' && docker.network === undefined) {
    throw new Error('--docker-address container needs --docker-network: only there containers have names.');
  }
  const server = withoutScheme(settings.server);
  const link = isSecure(settings.server) ? { ...credentials, tls: true } : credentials;
  return {
    settings: { ...settings, server, credentials: link },
    startTimeoutMs,
    stopGraceMs,
    maxRestarts,
    logLevel,
    logFormat,
  };
}

/** `docker.host` becomes a part of `docker`. */
function nested(entries: readonly (readonly [key: string, value: unknown])[]): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [key, value] of entries) {
    const [first = '', second] = key.split('.');
    values[first] = second === undefined ? value : { ...(values[first] as object), [second]: value };
  }
  return values;
}

type Given = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

function parseFlags(argv: readonly string[]): Given {
  const flags = AGENT_FLAGS.map(
    ({ name, kind }) => [name, { type: kind === 'switch' ? 'boolean' : 'string', multiple: kind === 'pairs' }] as const,
  );
  const options = Object.fromEntries([...flags, ['help', { type: 'boolean', multiple: false }] as const]);
  try {
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new Error(`The command line is not usable: ${(error as Error).message} (--help lists the flags)`, {
      cause: error,
    });
  }
}

function valueOf(flag: AgentFlag, given: Given[string], env: Environment): unknown {
  const inherited = env[flag.variable];
  const [origin, value] =
    given !== undefined ? [`--${flag.name}`, given] : [flag.variable, inherited === '' ? undefined : inherited];
  if (value === undefined) return flag.fallback;
  const texts = (Array.isArray(value) ? value : [value]).map(String);
  try {
    return flag.parse(flag.kind === 'pairs' && given === undefined ? texts.join().split(',') : texts);
  } catch (error) {
    throw new Error(`${origin} is not usable: ${(error as Error).message} (value = ${texts.join(' ')})`, {
      cause: error,
    });
  }
}
