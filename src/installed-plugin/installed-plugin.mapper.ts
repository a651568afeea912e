import { sharedText } from '../common/shared-text.js';
import type { Transitioned } from '../database/transitions.js';
import type { Delivery } from './delivery.repository.js';
import type { Binding, InstalledPlugin } from './installed-plugin.js';
import type { InstalledPluginDocument } from './installed-plugin.schema.js';
import type { InstalledPluginRefDocument } from './installed-plugin-ref.schema.js';

/** One for all that name none. */
const NO_LABELS = {};

export function toInstalledPlugin(document: InstalledPluginDocument): InstalledPlugin {
  return {
    id: document._id,
    supervisorId: sharedText(document.supervisor_id),
    supervisorDomainId: sharedText(document.supervisor_domain_id),
    pluginId: document.plugin_id,
    version: sharedText(document.version),
    domainId: sharedText(document.domain_id),
    privateTo: sharedText(document.private_to ?? ''),
    state: sharedText(document.state),
    stateReason: document.state_reason,
    fault: document.fault ?? 'PASSING',
    createdAt: document.created_at.getTime(),
    generation: document.generation,
    observedGeneration: document.observed_generation,
    afterIncarnation: document.after_incarnation,
    incarnation: document.incarnation,
    // What was read has room for more.
    endpoints: [...document.endpoints],
    restarts: document.restarts,
    nextStartAt: document.next_start_at,
    retiring: (document.retiring ?? null) !== null,
    revision: document.revision,
  };
}

/** What became of it lately. */
export function toTransitioned(document: InstalledPluginDocument): Transitioned {
  return {
    kind: 'installed_plugin',
    id: document._id,
    supervisorId: document.supervisor_id,
    domainId: document.supervisor_domain_id,
    pluginId: document.plugin_id,
    version: document.version,
    transitions: document.transitions ?? [],
  };
}

export function toBinding(document: InstalledPluginRefDocument): Binding {
  return {
    id: document._id,
    domainId: sharedText(document.domain_id),
    pluginId: document.plugin_id,
    version: sharedText(document.version),
    selector:
      document.selector.length === 0
        ? NO_LABELS
        : Object.fromEntries(document.selector.map(({ key, value }) => [key, value])),
    supervisorId: sharedText(document.supervisor_id),
    installedPluginId: document.installed_plugin_id,
    privateTo: sharedText(document.private_to ?? ''),
    idle: (document.idle_since ?? null) !== null,
    revision: document.revision,
  };
}

interface PolledRow {
  _id: string;
  state: InstalledPlugin['state'];
  own: boolean;
  linked?: boolean;
  generation: number;
  told?: number;
  told_at?: number;
  publishes?: number;
}

/**
 * What the rows of a query tell a supervisor that keeps no link: those of the domain's own supervisors, where whole rows
 * were asked for.
 */
export function toDeliveries(rows: readonly Record<string, unknown>[]): Delivery[] {
  return (rows as unknown as readonly Partial<PolledRow>[]).flatMap((row) =>
    row.own === true && row.linked !== true && row._id !== undefined && row.generation !== undefined && row.state
      ? [
          {
            id: row._id,
            state: row.state,
            generation: row.generation,
            told: row.told ?? 0,
            toldAt: row.told_at ?? 0,
            publishes: row.publishes ?? 0,
          },
        ]
      : [],
  );
}
