import type { Fault } from './instance-report.js';

/** Where an instance is in its life; the states of `spaceone.api.plugin.v1.PluginInfo`. */
export type InstalledPluginState = 'PROVISIONING' | 'ACTIVE' | 'RE_PROVISIONING' | 'ERROR';

/** One plugin version on one supervisor: what shall run there, and what is known to run. */
export interface InstalledPlugin {
  /** See {@link installedPluginId}. */
  readonly id: string;
  readonly supervisorId: string;
  /** The domain that the supervisor belongs to. */
  readonly supervisorDomainId: string;
  readonly pluginId: string;
  readonly version: string;
  /** The domain that first asked for it. */
  readonly domainId: string;
  /** The domain that alone may use it; empty where every domain may. */
  readonly privateTo: string;
  readonly state: InstalledPluginState;
  /** Why it is not ACTIVE, for people. */
  readonly stateReason: string;
  /** Of an instance in ERROR: whether it is worth trying again. */
  readonly fault: Fault;
  /** In milliseconds since 1970, by the database's clock: tells it from those of its id that were removed. */
  readonly createdAt: number;
  /** What is wanted: grows when the running instance shall be replaced. */
  readonly generation: number;
  /** The generation that was last reported ready; 0 before the first. */
  readonly observedGeneration: number;
  /** An instance up to this incarnation does not satisfy the generation. */
  readonly afterIncarnation: number;
  /** The start of the plugin, as its supervisor counts them, that was last reported. */
  readonly incarnation: number;
  /** `grpc://host:port`, one per replica; empty while nothing is ready. */
  readonly endpoints: readonly string[];
  readonly restarts: number;
  /** When the supervisor tries again; null when no try is waiting. */
  readonly nextStartAt: Date | null;
  /** It is about to be removed; wanted again, it stays. */
  readonly retiring: boolean;
  /** Grows with every change of the document, and beyond those of the documents of its id that were removed. */
  readonly revision: number;
}

/** A domain's wish for a plugin version on a supervisor with certain labels. */
export interface BindingKey {
  readonly domainId: string;
  readonly pluginId: string;
  readonly version: string;
  /** Labels that the supervisor must carry, as text. */
  readonly selector: Readonly<Record<string, string>>;
}

/** That wish, bound to the instance that fulfils it. */
export interface Binding extends BindingKey {
  /** See {@link bindingId}. */
  readonly id: string;
  readonly supervisorId: string;
  readonly installedPluginId: string;
  /** The domain that alone may use the plugin; empty where every domain may. */
  readonly privateTo: string;
  /** Nobody has asked for long: it is about to be removed; asked for again, it stays. */
  readonly idle: boolean;
  readonly revision: number;
}

/** The supervisor that a binding is made to. */
export interface BindingTarget {
  readonly supervisorId: string;
  readonly supervisorDomainId: string;
}

/** What identifies an instance: one key for each supervisor, plugin and version, readable in logs. */
export function installedPluginId(supervisorId: string, pluginId: string, version: string): string {
  return `${supervisorId}/${pluginId}@${version}`;
}

/** What identifies a binding: one key for each domain, plugin, version and selector. */
export function bindingId({ domainId, pluginId, version, selector }: BindingKey): string {
  const labels = Object.keys(selector);
  const plain = `${domainId}/${pluginId}/${version}/`;
  // Most requests name no label and nothing odd, and each makes this id.
  const id = harmlessPath.test(plain) ? plain : `${escaped(domainId)}/${escaped(pluginId)}/${escaped(version)}/`;
  return (
    id +
    labels
      .sort()
      .map((key) => `${escaped(key)}=${escaped(selector[key] ?? '')}`)
      .join('&')
  );
}

// Stryker disable Regex: what is not recognised as harmless takes the longer way to the same id
const harmless = /^[\w.-]*$/;
const harmlessPath = /^[\w.-]*\/[\w.-]*\/[\w.-]*\/$/;
// Stryker restore Regex

/** As encodeURIComponent, which takes its time also where there is nothing to encode. */
function escaped(text: string): string {
  return harmless.test(text) ? text : encodeURIComponent(text);
}
