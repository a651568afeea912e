import { Inject, Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { LinkAccess, type LinkCaller } from '../../auth/link-access.js';
import { CatalogService } from '../../catalog/catalog.service.js';
import { BerthError } from '../../common/errors/berth-error.js';
import { metadataText } from '../../common/grpc/metadata-text.js';
import { InstalledPluginService } from '../../installed-plugin/installed-plugin.service.js';
import { SupervisorReports } from '../../installed-plugin/supervisor-reports.service.js';
import { SupervisorConnections } from '../supervisor-connections.js';
import { SupervisorDirectory } from '../supervisor-directory.js';
import { SUPERVISOR_OPTIONS, type SupervisorOptions } from '../supervisor.options.js';
import { LinkSession } from './link-session.js';
import { type LinkStream, refuse, unforeseen } from './link-stream.js';

/** The agents that are connected to this process. */
@Injectable()
export class LinkService implements BeforeApplicationShutdown {
  private readonly sessions = new Map<string, LinkSession>();
  private readonly open = new Set<LinkSession>();
  private readonly logger = new Logger(LinkService.name);
  private stopping = false;

  constructor(
    private readonly connections: SupervisorConnections,
    private readonly installed: InstalledPluginService,
    private readonly reports: SupervisorReports,
    private readonly catalog: CatalogService,
    private readonly access: LinkAccess,
    directory: SupervisorDirectory,
    @Inject(SUPERVISOR_OPTIONS) private readonly options: SupervisorOptions,
  ) {
    directory.onChange((id, supervisor) => this.sessions.get(id)?.fence(supervisor));
    installed.onChange((id, plugin) => this.sessions.get(id.slice(0, id.indexOf('/')))?.assign(id, plugin));
  }

  /** Serves one agent's stream until it ends. Nothing is read from it before it is known whose it is. */
  async accept(stream: LinkStream): Promise<void> {
    try {
      const caller = await this.access.admit(metadataText(stream.metadata, 'token'));
      if (this.stopping) throw stopping();
      if (!stream.cancelled) this.serve(stream, caller);
    } catch (error) {
      this.logger.warn({ msg: 'Link refused.', peer: stream.getPeer(), reason: String(error) });
      refuse(stream, error instanceof BerthError ? error : unforeseen());
    }
  }

  private serve(stream: LinkStream, caller: LinkCaller): void {
    const session = new LinkSession(stream, {
      caller,
      connections: this.connections,
      installed: this.installed,
      reports: this.reports,
      catalog: this.catalog,
      heartbeatInterval: this.options.heartbeatInterval,
      lease: this.options.lease,
      onReady: (supervisorId, ready) => {
        const before = this.sessions.get(supervisorId);
        this.sessions.set(supervisorId, ready);
        before?.close(
          new BerthError('ERROR_SUPERVISOR_STATE', 'Another connection of this supervisor took its place.'),
        );
      },
      onClosed: (closed, supervisorId) => {
        this.open.delete(closed);
        if (supervisorId !== undefined && this.sessions.get(supervisorId) === closed)
          this.sessions.delete(supervisorId);
      },
    });
    this.open.add(session);
  }

  /** Agents go elsewhere, or wait for the next server, before this one stops to serve. */
  beforeApplicationShutdown(): void {
    this.stopping = true;
    for (const session of this.open) session.close(stopping());
  }
}

const stopping = () => new BerthError('ERROR_UNAVAILAVBLE', 'The server is stopping.');
