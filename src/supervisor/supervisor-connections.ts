import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { SupervisorReports } from '../installed-plugin/supervisor-reports.service.js';
import { LeaseWatch } from './lease-watch.js';
import type { LeaseRenewal, Publication, Supervisor, SupervisorAnnouncement } from './supervisor.js';
import { SupervisorAnnouncementRepository } from './supervisor-announcement.repository.js';
import { SupervisorDirectory } from './supervisor-directory.js';
import { SUPERVISOR_OPTIONS, type SupervisorOptions } from './supervisor.options.js';
import { SupervisorRepository } from './supervisor.repository.js';

/** So many heartbeats may be missing before a supervisor counts as silent. */
const SILENT_AFTER = 1.5;

/** A supervisor whose connection broke has the time of so many heartbeats to come back. */
const RECONNECT_TIME = 2;

/** Leases are looked at so many times between two heartbeats. */
const LOOKS = 8;

/** Who is connected: leases, counted in the database's time, and the look that ends those that ran out. */
@Injectable()
export class SupervisorConnections implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(SupervisorConnections.name);
  private readonly watch: LeaseWatch;
  private timer?: NodeJS.Timeout;
  private looking: Promise<void> | undefined;
  private away = false;

  constructor(
    private readonly repository: SupervisorRepository,
    private readonly announcements: SupervisorAnnouncementRepository,
    private readonly directory: SupervisorDirectory,
    private readonly reports: SupervisorReports,
    @Inject(SUPERVISOR_OPTIONS) private readonly options: SupervisorOptions,
  ) {
    this.watch = new LeaseWatch(options.lease, options.heartbeatInterval, () => performance.now());
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.looking ??= this.look().finally(() => (this.looking = undefined));
    }, this.options.heartbeatInterval / LOOKS);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }

  /** A supervisor has connected. */
  async open(announcement: SupervisorAnnouncement, leaseMs: number): Promise<Supervisor> {
    const supervisor = await this.announcements.connect(announcement, leaseMs);
    this.directory.know(supervisor);
    return supervisor;
  }

  /**
   * A supervisor without a connection has been heard from; its lease follows from how often that happens. Undefined
   * while it is connected by a link.
   */
  async heard(announcement: SupervisorAnnouncement): Promise<Publication | undefined> {
    const publication = await this.announcements.publish(announcement);
    if (publication !== undefined) this.directory.know(publication.supervisor);
    return publication;
  }

  /** A connection is alive. */
  renew(supervisorId: string, epoch: number, leaseMs: number): Promise<LeaseRenewal> {
    return this.repository.renewLease(supervisorId, epoch, leaseMs);
  }

  /** A connection was closed in good order. */
  release(supervisorId: string, epoch: number): Promise<void> {
    return this.repository.releaseLease(supervisorId, epoch);
  }

  /** A connection broke. Its supervisor may have gone with it, and may be back in a moment. */
  async broke(supervisorId: string, epoch: number): Promise<void> {
    try {
      await this.repository.shortenLease(supervisorId, epoch, RECONNECT_TIME * this.options.heartbeatInterval);
    } catch (error) {
      this.logger.debug({ msg: 'A broken link was not written down: its lease will run out.', reason: String(error) });
    }
  }

  private async look(): Promise<void> {
    try {
      const { lease, heartbeatInterval } = this.options;
      const silentMs = lease - SILENT_AFTER * heartbeatInterval;
      const due = await this.repository.isAnyDue(silentMs);
      const unregistered = due ? await this.repository.disconnectUnregistered() : 0;
      if (unregistered > 0) {
        this.logger.warn({
          msg: 'Supervisors that nobody registered are not waited for any more.',
          count: unregistered,
        });
      }
      this.watch.looked();
      this.away = false;
      if (due && this.watch.trusted) await this.endLeases(silentMs);
    } catch (error) {
      if (!this.away) this.logger.warn({ msg: 'Leases cannot be checked now.', reason: String(error) });
      this.away = true;
    }
  }

  private async endLeases(silentMs: number): Promise<void> {
    // Before any of them counts as lost it is known which others went silent with it.
    await this.repository.markSilent(silentMs);
    for (;;) {
      const lost = await this.repository.disconnectExpired();
      if (lost === undefined) return;
      this.logger.warn({ msg: 'A supervisor was not heard from and counts as lost.', supervisor_id: lost.id });
      await this.reports.fence({ supervisorId: lost.id, epoch: lost.epoch });
    }
  }
}
