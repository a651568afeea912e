/** What a supervisor without a link publishes of one instance. It knows no generations. */
export interface PublishedPlugin {
  readonly pluginId: string;
  readonly version: string;
  readonly active: boolean;
  /** `grpc://host:port`, one per replica. */
  readonly endpoints: readonly string[];
}
