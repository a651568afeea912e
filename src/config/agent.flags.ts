/** One thing that can be decided on the command line of an agent. */
export interface AgentFlag {
  readonly name: string;
  /** The environment variable that stands in for it. */
  readonly variable: string;
  readonly key: string;
  /** `pairs` may be repeated; in the environment they are separated by commas. */
  readonly kind?: 'switch' | 'pairs';
  readonly hint?: string;
  readonly help: string;
  readonly fallback?: unknown;
  /** @throws Error saying what the value should be */
  parse(texts: readonly string[]): unknown;
}

const text = ([value = '']: readonly string[]): string => {
  if (value === '') throw new Error('must not be empty');
  return value;
};

const integer =
  (min: number, max: number) =>
  ([value = '']: readonly string[]): number => {
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < min || number > max) throw new Error(`must be a number from ${min} to ${max}`);
    return number;
  };

const oneOf =
  (...names: readonly string[]) =>
  ([value = '']: readonly string[]): string => {
    if (!names.includes(value)) throw new Error(`must be ${names.join(' or ')}`);
    return value;
  };

const pairs = (texts: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    texts.map((entry) => {
      const at = entry.indexOf('=');
      if (at < 1) throw new Error('must look like key=value');
      return [entry.slice(0, at).trim(), entry.slice(at + 1).trim()];
    }),
  );

const address = ([value = '']: readonly string[]): string => {
  const port = Number(/^(?:\[[\da-f:.]+\]|[^\s:/]+):(\d{1,5})$/i.exec(value)?.[1]);
  if (!(port > 0 && port < 65_536)) throw new Error('must look like host:port');
  return value;
};

const portRange = ([value = '']: readonly string[]): [number, number] => {
  const [first = 0, last = 0] = (/^(\d+)-(\d+)$/.exec(value)?.slice(1) ?? []).map(Number);
  if (first < 1 || last > 65_535 || first > last) throw new Error('must look like 20000-29999');
  return [first, last];
};

const yes = ([value = '']: readonly string[]): boolean => oneOf('true', 'false')([value]) === 'true';

/** Every flag, in the order of the help text. */
export const AGENT_FLAGS: readonly AgentFlag[] = [
  {
    name: 'server',
    variable: 'BERTH_AGENT_SERVER',
    key: 'server',
    hint: 'HOST:PORT',
    help: "the server's gRPC address (127.0.0.1:50051)",
    fallback: '127.0.0.1:50051',
    parse: address,
  },
  {
    name: 'token',
    variable: 'BERTH_AGENT_TOKEN',
    key: 'token',
    hint: 'JWT',
    help: 'what it shows to a server that asks who it is; better in the environment than here',
    parse: text,
  },
  {
    name: 'token-file',
    variable: 'BERTH_AGENT_TOKEN_FILE',
    key: 'tokenFile',
    hint: 'FILE',
    help: 'file with the token, read again at each connect',
    parse: text,
  },
  {
    name: 'tls',
    variable: 'BERTH_AGENT_TLS',
    key: 'tls',
    kind: 'switch',
    help: 'connect over TLS, trusting the authorities that Node.js trusts',
    parse: yes,
  },
  {
    name: 'tls-ca',
    variable: 'BERTH_AGENT_TLS_CA',
    key: 'tlsCa',
    hint: 'FILE',
    help: 'connect over TLS, trusting the authorities in this PEM file',
    parse: text,
  },
  {
    name: 'tls-cert',
    variable: 'BERTH_AGENT_TLS_CERT',
    key: 'tlsCert',
    hint: 'FILE',
    help: "the agent's own certificate, for servers that ask for one",
    parse: text,
  },
  {
    name: 'tls-key',
    variable: 'BERTH_AGENT_TLS_KEY',
    key: 'tlsKey',
    hint: 'FILE',
    help: 'its key',
    parse: text,
  },
  {
    name: 'name',
    variable: 'BERTH_AGENT_NAME',
    key: 'name',
    hint: 'NAME',
    help: 'name of this supervisor (the host name)',
    parse: text,
  },
  {
    name: 'hostname',
    variable: 'BERTH_AGENT_HOSTNAME',
    key: 'hostname',
    hint: 'NAME',
    help: 'its identity within the domain (the host name)',
    parse: text,
  },
  {
    name: 'domain',
    variable: 'BERTH_AGENT_DOMAIN',
    key: 'domainId',
    hint: 'ID',
    help: 'the domain whose supervisor it is (domain-local)',
    parse: text,
  },
  {
    name: 'label',
    variable: 'BERTH_AGENT_LABELS',
    key: 'labels',
    kind: 'pairs',
    hint: 'KEY=VALUE',
    help: 'a label that requests are matched with; may be repeated',
    parse: pairs,
  },
  {
    name: 'tag',
    variable: 'BERTH_AGENT_TAGS',
    key: 'tags',
    kind: 'pairs',
    hint: 'KEY=VALUE',
    help: 'a tag, for people; may be repeated',
    parse: pairs,
  },
  {
    name: 'public',
    variable: 'BERTH_AGENT_PUBLIC',
    key: 'isPublic',
    kind: 'switch',
    help: 'serve other domains too',
    parse: yes,
  },
  {
    name: 'capacity',
    variable: 'BERTH_AGENT_CAPACITY',
    key: 'capacity',
    hint: 'N',
    help: 'how many instances it has room for (0: no limit)',
    parse: integer(0, 1_000_000),
  },
  {
    name: 'data',
    variable: 'BERTH_DATA_DIR',
    key: 'dataDirectory',
    hint: 'DIR',
    help: 'where it remembers what it runs; one agent at a time (./data)',
    parse: text,
  },
  {
    name: 'plugins',
    variable: 'BERTH_PLUGIN_DIR',
    key: 'pluginDirectory',
    hint: 'DIR',
    help: 'base of the working directories of plugins (this package)',
    parse: text,
  },
  {
    name: 'driver',
    variable: 'BERTH_AGENT_DRIVER',
    key: 'driver',
    hint: 'NAME',
    help: 'what runs the plugins: process or kubernetes (process)',
    parse: oneOf('process', 'kubernetes'),
  },
  {
    name: 'kubeconfig',
    variable: 'BERTH_AGENT_KUBECONFIG',
    key: 'kubeconfig',
    hint: 'FILE',
    help: 'credentials of the cluster (as kubectl finds them, or the service account of the Pod)',
    parse: text,
  },
  {
    name: 'kube-context',
    variable: 'BERTH_AGENT_KUBE_CONTEXT',
    key: 'context',
    hint: 'NAME',
    help: 'a context of the kubeconfig (the current one)',
    parse: text,
  },
  {
    name: 'kube-namespace',
    variable: 'BERTH_AGENT_KUBE_NAMESPACE',
    key: 'namespace',
    hint: 'NAME',
    help: 'where plugins run (that of the context or the Pod)',
    parse: text,
  },
  {
    name: 'kube-settings',
    variable: 'BERTH_AGENT_KUBE_SETTINGS',
    key: 'settingsFile',
    hint: 'FILE',
    help: 'how plugins run in the cluster: replicas, resources, tolerations and more',
    parse: text,
  },
  {
    name: 'registry-mirror',
    variable: 'BERTH_REGISTRY_MIRROR',
    key: 'registryMirror',
    hint: 'URL',
    help: 'where every image is pulled from, whatever registry it names',
    parse: text,
  },
  {
    name: 'advertise-host',
    variable: 'BERTH_AGENT_ADVERTISE_HOST',
    key: 'advertiseHost',
    hint: 'HOST',
    help: 'host of the endpoints handed out (127.0.0.1)',
    parse: text,
  },
  {
    name: 'bind-host',
    variable: 'BERTH_AGENT_BIND_HOST',
    key: 'bindHost',
    hint: 'HOST',
    help: 'address that plugins listen on (follows --advertise-host)',
    parse: text,
  },
  {
    name: 'ports',
    variable: 'BERTH_AGENT_PORTS',
    key: 'portRange',
    hint: 'FIRST-LAST',
    help: 'ports for plugins (outside those of outgoing connections)',
    parse: portRange,
  },
  {
    name: 'parallel',
    variable: 'BERTH_AGENT_PARALLEL',
    key: 'parallelLaunches',
    hint: 'N',
    help: 'how many plugins start at a time (4 for each core)',
    parse: integer(1, 10_000),
  },
  {
    name: 'on-exit',
    variable: 'BERTH_AGENT_ON_EXIT',
    key: 'onExit',
    hint: 'keep|stop',
    help: 'what becomes of plugins when the agent ends (keep)',
    fallback: 'keep',
    parse: oneOf('keep', 'stop'),
  },
  {
    name: 'start-timeout',
    variable: 'BERTH_AGENT_START_TIMEOUT',
    key: 'startTimeoutMs',
    hint: 'MS',
    help: 'a start that is not ready by then has failed (60000)',
    parse: integer(100, 3_600_000),
  },
  {
    name: 'stop-grace',
    variable: 'BERTH_AGENT_STOP_GRACE',
    key: 'stopGraceMs',
    hint: 'MS',
    help: 'between SIGTERM and SIGKILL (10000)',
    parse: integer(0, 600_000),
  },
  {
    name: 'max-restarts',
    variable: 'BERTH_MAX_RESTARTS',
    key: 'maxRestarts',
    hint: 'N',
    help: 'restarts within 10 minutes before it gives up (5)',
    parse: integer(0, 1_000),
  },
  {
    name: 'log-level',
    variable: 'BERTH_LOG_LEVEL',
    key: 'logLevel',
    hint: 'LEVEL',
    help: 'debug, info, warn or error (info)',
    fallback: 'info',
    parse: oneOf('debug', 'info', 'warn', 'error'),
  },
  {
    name: 'log-format',
    variable: 'BERTH_LOG_FORMAT',
    key: 'logFormat',
    hint: 'FORMAT',
    help: 'json, text, or auto: text on a terminal (auto)',
    fallback: 'auto',
    parse: oneOf('auto', 'json', 'text'),
  },
];

/** The text of `--help`. */
export function agentHelp(): string {
  const left = AGENT_FLAGS.map(({ name, hint }) => (hint ? `--${name} ${hint}` : `--${name}`));
  const width = Math.max(...left.map(({ length }) => length));
  const lines = AGENT_FLAGS.map(({ help, variable }, index) => {
    return `  ${(left[index] ?? '').padEnd(width)}  ${help}\n  ${' '.repeat(width)}  ${variable}`;
  });
  return [
    'A supervisor agent: runs the plugins that a Berth server assigns to it.',
    '',
    'Usage: npm run agent -- [flags]',
    '',
    ...lines,
    `  ${'--help'.padEnd(width)}  print this`,
    '',
  ].join('\n');
}
