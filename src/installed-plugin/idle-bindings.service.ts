import { Injectable, Logger } from '@nestjs/common';
import { type IdleMatch, IdleRepository } from './idle.repository.js';
import { RemovalService } from './removal.service.js';

/** Lets go of bindings that nobody uses, and of the instances that nobody is bound to then. */
@Injectable()
export class IdleBindings {
  private readonly logger = new Logger(IdleBindings.name);

  constructor(
    private readonly repository: IdleRepository,
    private readonly removal: RemovalService,
  ) {}

  /** When bindings were last asked for, by their ids. */
  noteCalls(calls: readonly (readonly [id: string, at: Date])[]): Promise<void> {
    return this.repository.noteCalls(calls);
  }

  /** Somebody uses a binding that is about to be removed: it stays. */
  async keep(id: string): Promise<void> {
    await this.repository.keep(id);
  }

  /** Bindings that match are about to be removed. */
  async mark(match: IdleMatch): Promise<void> {
    const count = await this.repository.mark(match);
    if (count > 0) this.logger.log({ msg: 'Bindings are idle, and are removed unless somebody asks.', count });
  }

  /** Removes those that have been about to be removed for this time, in milliseconds. */
  async removeMarkedFor(time: number): Promise<void> {
    for (const binding of await this.repository.markedFor(time)) {
      if (!(await this.repository.remove(binding))) continue;
      this.logger.log({ msg: 'Idle binding removed.', binding: binding.id });
      await this.removal.removeUnbound(binding.installedPluginId);
    }
  }
}
