export type SupervisorState = 'ENABLED' | 'DISABLED' | 'PENDING' | 'DISCONNECTED';

/** An agent, in some cluster or on some host, that runs plugins. */
export interface Supervisor {
  /** `supervisor-` and twelve hexadecimal digits. */
  readonly id: string;
  readonly domainId: string;
  readonly name: string;
  /** Unique within the domain. */
  readonly hostname: string;
  readonly state: SupervisorState;
  /** It is not heard from. Its state says so too, unless it is DISABLED. */
  readonly lost: boolean;
  /** It should have been heard from by now. It may still be, before its lease runs out. */
  readonly silent: boolean;
  /** It has said goodbye. */
  readonly departed: boolean;
  /** In the database's time. */
  readonly leaseExpiresAt: Date;
  /** Serves other domains too. */
  readonly isPublic: boolean;
  /** A higher number is preferred. */
  readonly priority: number;
  readonly labels: Readonly<Record<string, unknown>>;
  readonly tags: Readonly<Record<string, unknown>>;
  /** How many instances it has room for; 0 is no limit. */
  readonly capacity: number;
  /** Grows with each connection. */
  readonly epoch: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly revision: number;
}

/** What a supervisor says of itself. What it leaves out stays as it is. */
export interface SupervisorAnnouncement {
  readonly domainId: string;
  readonly hostname: string;
  readonly name: string;
  readonly isPublic?: boolean | undefined;
  readonly labels?: Readonly<Record<string, unknown>> | undefined;
  readonly tags?: Readonly<Record<string, unknown>> | undefined;
  readonly capacity?: number | undefined;
}

/**
 * What became of the lease of a connection: it goes on; it ran out before; or a newer connection of the same supervisor
 * has it.
 */
export type LeaseRenewal = 'renewed' | 'over' | 'replaced';

/** One publish of a supervisor that keeps no connection. */
export interface Publication {
  readonly supervisor: Supervisor;
  /** Counts the supervisor's publishes. */
  readonly number: number;
}

/** What those who run a supervisor may change. What is left out stays as it is. */
export interface SupervisorSettings {
  readonly name?: string | undefined;
  readonly isPublic?: boolean | undefined;
  readonly priority?: number | undefined;
  readonly labels?: Readonly<Record<string, unknown>> | undefined;
  readonly tags?: Readonly<Record<string, unknown>> | undefined;
}
