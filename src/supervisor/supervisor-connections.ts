import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Publication, Supervisor, SupervisorAnnouncement } from './supervisor.js';
import { SupervisorAnnouncementRepository } from './supervisor-announcement.repository.js';
import { SUPERVISOR_OPTIONS, type SupervisorOptions } from './supervisor.options.js';
import { SupervisorRepository } from './supervisor.repository.js';

/** Who is connected: leases, counted in the database's time, and the sweep that ends those that ran out. */
@Injectable()
export class SupervisorConnections implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(SupervisorConnections.name);
  private sweep?: NodeJS.Timeout;

  constructor(
    private readonly repository: SupervisorRepository,
    private readonly announcements: SupervisorAnnouncementRepository,
    @Inject(SUPERVISOR_OPTIONS) private readonly options: SupervisorOptions,
  ) {}

  onApplicationBootstrap(): void {
    this.sweep = setInterval(() => void this.disconnect(), this.options.heartbeatInterval);
  }

  onApplicationShutdown(): void {
    clearInterval(this.sweep);
  }

  /** A supervisor has connected. */
  open(announcement: SupervisorAnnouncement, leaseMs: number): Promise<Supervisor> {
    return this.announcements.connect(announcement, leaseMs);
  }

  /**
   * A supervisor without a connection has been heard from; its lease follows from how often that happens. Undefined
   * while it is connected by a link.
   */
  heard(announcement: SupervisorAnnouncement): Promise<Publication | undefined> {
    return this.announcements.publish(announcement);
  }

  /** A connection is alive; false when a newer one has taken its place. */
  renew(supervisorId: string, epoch: number, leaseMs: number): Promise<boolean> {
    return this.repository.renewLease(supervisorId, epoch, leaseMs);
  }

  /** A connection was closed in good order. */
  release(supervisorId: string, epoch: number): Promise<void> {
    return this.repository.releaseLease(supervisorId, epoch);
  }

  private async disconnect(): Promise<void> {
    try {
      const lost = await this.repository.disconnectExpired();
      if (lost > 0) this.logger.warn({ msg: 'Supervisors were not heard from and count as lost.', count: lost });
      const unregistered = await this.repository.disconnectUnregistered();
      if (unregistered > 0) {
        this.logger.warn({
          msg: 'Supervisors that nobody registered are not waited for any more.',
          count: unregistered,
        });
      }
    } catch (error) {
      this.logger.warn({ msg: 'Leases cannot be checked now.', reason: String(error) });
    }
  }
}
