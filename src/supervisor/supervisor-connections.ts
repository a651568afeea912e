import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Supervisor, SupervisorAnnouncement } from './supervisor.js';
import { SUPERVISOR_OPTIONS, type SupervisorOptions } from './supervisor.options.js';
import { SupervisorRepository } from './supervisor.repository.js';

/** Who is connected: leases, counted in the database's time, and the sweep that ends those that ran out. */
@Injectable()
export class SupervisorConnections implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(SupervisorConnections.name);
  private sweep?: NodeJS.Timeout;

  constructor(
    private readonly repository: SupervisorRepository,
    @Inject(SUPERVISOR_OPTIONS) private readonly options: SupervisorOptions,
  ) {}

  onApplicationBootstrap(): void {
    this.sweep = setInterval(() => void this.disconnectExpired(), this.options.heartbeatInterval);
  }

  onApplicationShutdown(): void {
    clearInterval(this.sweep);
  }

  /** A supervisor has connected. */
  open(announcement: SupervisorAnnouncement, leaseMs: number): Promise<Supervisor> {
    return this.repository.connect(announcement, this.options.autoEnable, leaseMs);
  }

  /** A supervisor without a connection has been heard from. */
  heard(announcement: SupervisorAnnouncement, leaseMs: number): Promise<Supervisor> {
    return this.repository.publish(announcement, this.options.autoEnable, leaseMs);
  }

  /** A connection is alive; false when a newer one has taken its place. */
  renew(supervisorId: string, epoch: number, leaseMs: number): Promise<boolean> {
    return this.repository.renewLease(supervisorId, epoch, leaseMs);
  }

  /** A connection was closed in good order. */
  release(supervisorId: string, epoch: number): Promise<void> {
    return this.repository.releaseLease(supervisorId, epoch);
  }

  private async disconnectExpired(): Promise<void> {
    try {
      const lost = await this.repository.disconnectExpired();
      if (lost > 0) this.logger.warn({ msg: 'Supervisors were not heard from and count as lost.', count: lost });
    } catch (error) {
      this.logger.warn({ msg: 'Leases cannot be checked now.', reason: String(error) });
    }
  }
}
