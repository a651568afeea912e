/**
 * What kind of fault a reason is.
 *
 * - `PASSING` it may pass, by itself or with the next start
 * - `LASTING` it stays until somebody changes the plugin, its entry in the catalog, or what the supervisor may do
 * - `IMAGE_NOT_FOUND` lasting: the registry has no such image
 */
export type Fault = 'PASSING' | 'LASTING' | 'IMAGE_NOT_FOUND';

/** What a supervisor says of one instance it runs. */
export interface InstanceReport {
  readonly pluginId: string;
  readonly version: string;
  /**
   * - `STARTING` not ready yet
   * - `READY` health-checked, its endpoints may be handed out
   * - `DOWN` not ready any more, the supervisor starts it anew by itself
   * - `FAILED` given up for now
   * - `STOPPED` stopped by the supervisor, which is going away
   */
  readonly phase: 'STARTING' | 'READY' | 'DOWN' | 'FAILED' | 'STOPPED';
  /** When the instance was created that it is about. */
  readonly assignedAt: Date;
  /** The newest generation that the instance satisfies. */
  readonly generation: number;
  readonly incarnation: number;
  readonly endpoints: readonly string[];
  readonly reason: string;
  readonly fault: Fault;
  /** The end of what the instance printed. */
  readonly outputTail: string;
  readonly restarts: number;
  readonly nextStartAt: Date | null;
}
