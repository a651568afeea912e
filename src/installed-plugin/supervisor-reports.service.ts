import { Injectable, Logger } from '@nestjs/common';
import { atMost } from '../common/at-most.js';
import { installedPluginId } from './installed-plugin.js';
import { InstanceOutputRepository } from './instance-output.repository.js';
import { InstalledPluginRepository } from './installed-plugin.repository.js';
import type { InstanceReport } from './instance-report.js';
import { mergePublished, type PublishedPlugin, type PublishSession } from './published-plugin.js';
import { PublishedPluginRepository } from './published-plugin.repository.js';
import { RemovalService } from './removal.service.js';
import type { Session } from './session.js';

/** How many instances of one supervisor are written at a time; each is a document of its own. */
const PARALLEL_WRITES = 16;

/** What supervisors say of the instances they run. */
@Injectable()
export class SupervisorReports {
  private readonly logger = new Logger(SupervisorReports.name);

  constructor(
    private readonly plugins: InstalledPluginRepository,
    private readonly published: PublishedPluginRepository,
    private readonly removal: RemovalService,
    private readonly outputs: InstanceOutputRepository,
  ) {}

  /** What older connections of the supervisor report does not count any more. */
  fence(session: Session): Promise<void> {
    return this.plugins.fence(session);
  }

  /** A supervisor has connected: what it reports is all that it runs, and older connections do not count any more. */
  async takeStock(session: Session, reports: readonly InstanceReport[]): Promise<void> {
    await this.plugins.fence(session);
    await this.plugins.markMissing(
      session,
      reports.map(({ pluginId, version }) => installedPluginId(session.supervisorId, pluginId, version)),
    );
    const news = await this.plugins.newsAmong(session, reports);
    await atMost(PARALLEL_WRITES, news, (report) => this.applyReport(session, report));
    // What was bound to it may have moved elsewhere while it was lost.
    await this.removal.removeUnboundOf(session.supervisorId);
  }

  /** A supervisor without a link has published all that it runs. */
  async takePublished(session: PublishSession, plugins: readonly PublishedPlugin[]): Promise<void> {
    const statements = mergePublished(plugins);
    await this.plugins.fence(session);
    await this.published.markMissing(
      session,
      statements.map(({ pluginId, version }) => installedPluginId(session.supervisorId, pluginId, version)),
    );
    const news = await this.published.newsAmong(session, statements);
    await atMost(PARALLEL_WRITES, news, async (plugin) => {
      if (!(await this.writePublished(session, plugin))) return;
      const { phase, pluginId, version, reason } = plugin;
      this.logger.log({
        msg: `Instance is ${phase}.`,
        supervisor_id: session.supervisorId,
        plugin_id: pluginId,
        version,
        ...(reason !== undefined && { reason }),
      });
    });
  }

  /** Writes down what a supervisor says of an instance, unless it speaks of a generation that is not wanted any more. */
  async applyReport(session: Session, report: InstanceReport): Promise<void> {
    const changed = await this.write(session, report);
    if (!changed) return;
    const { phase, pluginId, version, generation, incarnation, reason, outputTail } = report;
    if (outputTail !== '') {
      await this.outputs.keep(installedPluginId(session.supervisorId, pluginId, version), outputTail);
    }
    this.logger.log({
      msg: `Instance is ${phase}.`,
      supervisor_id: session.supervisorId,
      plugin_id: pluginId,
      version,
      generation,
      incarnation,
      ...(reason !== '' && { reason }),
    });
  }

  private write(session: Session, report: InstanceReport): Promise<boolean> {
    switch (report.phase) {
      case 'READY':
        return this.plugins.markReady(session, report);
      case 'STARTING':
      case 'DOWN':
      case 'STOPPED':
        return this.plugins.markStarting(session, report);
      case 'FAILED':
        return this.plugins.markFailed(session, report);
    }
  }

  private writePublished(session: PublishSession, plugin: PublishedPlugin): Promise<boolean> {
    switch (plugin.phase) {
      case 'SERVING':
        return this.published.markServing(session, plugin);
      case 'STARTING':
        return this.published.markStarting(session, plugin);
      case 'FAILED':
        return this.published.markFailed(session, plugin);
    }
  }
}
