import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { SupervisorService } from '../supervisor/supervisor.service.js';
import { CallLog } from './call-log.js';
import { EndpointDirectory } from './endpoint-directory.js';
import { Placement } from './placement.service.js';
import { PLUGIN_OPTIONS, type PluginOptions } from './plugin.options.js';

/** So many bindings are moved at a time: the supervisors that are left start what moves to them. */
const AT_A_TIME = 8;

/**
 * Moves the bindings of a lost supervisor before the next call asks for them, where they are in use. The others move
 * with their next call. Each process moves what its callers use; who comes second finds it done.
 */
@Injectable()
export class Failover implements OnApplicationShutdown {
  private readonly logger = new Logger(Failover.name);
  private readonly queue = new Set<string>();
  private working = 0;
  private due = false;

  constructor(
    supervisors: SupervisorService,
    private readonly directory: EndpointDirectory,
    private readonly placement: Placement,
    private readonly calls: CallLog,
    @Inject(PLUGIN_OPTIONS) private readonly options: PluginOptions,
  ) {
    // Several supervisors change together, and one may decide about the others.
    supervisors.onChange(() => {
      if (this.due) return;
      this.due = true;
      setImmediate(() => this.look());
    });
  }

  onApplicationShutdown(): void {
    this.queue.clear();
  }

  private look(): void {
    this.due = false;
    const since = Date.now() - this.options.endpointLease;
    for (const entry of this.directory.entries()) {
      const { id } = entry.binding;
      if (!this.placement.isSettled(entry) && this.calls.last(id) >= since) this.queue.add(id);
    }
    while (this.working < AT_A_TIME && this.queue.size > 0) void this.work();
  }

  private async work(): Promise<void> {
    this.working++;
    for (const id of this.queue) {
      this.queue.delete(id);
      const entry = this.directory.get(id);
      if (entry === undefined || this.placement.isSettled(entry)) continue;
      try {
        await this.placement.resolve(entry.binding);
      } catch (error) {
        this.logger.debug({ msg: 'A binding cannot be moved now; its next call tries again.', binding: id, error });
      }
    }
    this.working--;
  }
}
