import { availableParallelism, hostname } from 'node:os';
import { pluginEnvironment, type AgentCommand, type AgentSettings } from '../config/agent.config.js';
import { packageRoot } from '../config/package-root.js';
import { TIMING_DEFAULTS, type AgentTimings } from './agent-timings.js';
import { systemClock, type Clock } from './clock.js';
import { defaultPortRange } from './drivers/ports.js';
import { networkProbes, type HealthProbes } from '../common/grpc/health-probe.js';
import { LINK_DEFAULTS, type LinkTimings } from './link-options.js';
import type { RestartSettings } from './restart-policy.js';

/** What an agent is started with; everything but the server has a default. */
export interface AgentOptions extends AgentSettings {
  readonly timings?: Partial<Omit<AgentTimings, 'restart'>> & Partial<LinkTimings>;
  readonly restart?: Partial<RestartSettings>;
  /** Environment that plugins inherit, instead of the few variables taken from the agent's own. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  /** From 0 to 1, as `Math.random`. */
  readonly random?: () => number;
}

/** {@link AgentOptions} with everything decided. */
export interface ResolvedAgentOptions extends Required<Omit<AgentOptions, 'timings' | 'restart'>> {
  readonly timings: AgentTimings;
  readonly link: LinkTimings;
  readonly probes: HealthProbes;
}

/** What an agent is told by its command line or environment. */
export function optionsOf({ settings, startTimeoutMs, stopGraceMs, maxRestarts }: AgentCommand): AgentOptions {
  return {
    ...settings,
    timings: definedOnly({ startTimeoutMs, stopGraceMs }),
    restart: definedOnly({ maxRestarts }),
  };
}

function definedOnly<T extends object>(values: T): Partial<{ [K in keyof T]: NonNullable<T[K]> }> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<{
    [K in keyof T]: NonNullable<T[K]>;
  }>;
}

const LAUNCHES_PER_CORE = 4;

export function resolveAgentOptions(options: AgentOptions): ResolvedAgentOptions {
  const { timings: given = {}, restart, advertiseHost = '127.0.0.1', random = Math.random } = options;
  const timings = { ...TIMING_DEFAULTS, ...given, restart: { ...TIMING_DEFAULTS.restart, ...restart } };
  return {
    server: options.server,
    credentials: options.credentials ?? {},
    domainId: options.domainId ?? 'domain-local',
    name: options.name ?? hostname(),
    hostname: options.hostname ?? hostname(),
    labels: options.labels ?? {},
    tags: options.tags ?? {},
    isPublic: options.isPublic ?? false,
    capacity: options.capacity ?? 0,
    dataDirectory: options.dataDirectory ?? './data',
    pluginDirectory: options.pluginDirectory ?? packageRoot,
    driver: options.driver ?? 'process',
    docker: options.docker ?? {},
    kubernetes: options.kubernetes ?? {},
    registryMirror: options.registryMirror ?? '',
    advertiseHost,
    bindHost: options.bindHost ?? bindHostFor(advertiseHost),
    portRange: options.portRange ?? defaultPortRange(),
    onExit: options.onExit ?? 'stop',
    parallelLaunches: options.parallelLaunches ?? availableParallelism() * LAUNCHES_PER_CORE,
    environment: options.environment ?? pluginEnvironment(),
    clock: options.clock ?? systemClock,
    random,
    timings,
    link: { ...LINK_DEFAULTS, ...given },
    probes: networkProbes(timings.healthTimeoutMs),
  };
}

/** Plugins are reachable from outside only where their endpoints are meant to be. */
function bindHostFor(advertiseHost: string): string {
  if (advertiseHost === 'localhost') return '127.0.0.1';
  if (advertiseHost === '::1' || /^127(\.\d+){3}$/.test(advertiseHost)) return advertiseHost;
  return advertiseHost.includes(':') ? '::' : '0.0.0.0';
}
