/** Injection token of {@link PluginOptions}. */
export const PLUGIN_OPTIONS = Symbol('PLUGIN_OPTIONS');

export interface PluginOptions {
  /** Longest wait for a deployment, in milliseconds, where the caller sets no deadline of its own. */
  readonly provisionTimeout: number;
  /** So many callers of one domain may wait for deployments at a time; one more is refused. */
  readonly queueMax: number;
  /** So many bindings are kept in memory; of more, those that were asked for last. */
  readonly directoryMax: number;
  /** How long callers use an endpoint that they were given, in milliseconds. */
  readonly endpointLease: number;
  /** A binding that nobody asks for in this time is removed, in milliseconds; 0 keeps all. */
  readonly idleTtl: number;
}
