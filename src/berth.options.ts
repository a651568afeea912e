import type { AuthOptions } from './auth/auth.options.js';
import type { DatabaseOptions } from './database/database.module.js';
import type { EventOptions } from './event/event.options.js';
import type { PluginOptions } from './plugin/plugin.options.js';
import type { SupervisorOptions } from './supervisor/supervisor.options.js';

/** What an application that imports Berth decides; the environment is not looked at. */
export interface BerthOptions {
  /** Where the collections live. */
  readonly database: DatabaseOptions;
  /** Which plugins there are: path of a YAML file, or `grpc://host:port` of a Cloudforet repository service. */
  readonly catalog: string;
  /** File with the token that the repository service is shown. */
  readonly catalogToken?: string | undefined;
  /** Where tag lists of images are read, whatever registry they name: `[http[s]://][user:password@]host[:port][/path]`. */
  readonly registryMirror?: string | undefined;
  readonly supervisor?: Partial<SupervisorOptions>;
  readonly plugin?: Partial<PluginOptions>;
  readonly events?: Partial<EventOptions>;
  /** Who may call; without it everybody may, and the host has to see to it. */
  readonly auth?: AuthOptions;
  /** Put before every route: `platform` serves `/platform/plugin/v1/…`. */
  readonly prefix?: string;
}

export const supervisorDefaults: SupervisorOptions = { autoEnable: true, heartbeatInterval: 3_000, lease: 9_000 };

export const pluginDefaults: PluginOptions = {
  provisionTimeout: 120_000,
  queueMax: 1_000,
  directoryMax: 100_000,
  endpointLease: 600_000,
  idleTtl: 259_200_000,
};

export const eventDefaults: EventOptions = { ttl: 604_800_000 };
