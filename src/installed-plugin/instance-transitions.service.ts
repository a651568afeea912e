import { Injectable } from '@nestjs/common';
import { ChangeFeed } from '../change-feed/change-feed.service.js';
import type { Transitioned } from '../database/transitions.js';
import { toTransitioned } from './installed-plugin.mapper.js';
import type { InstalledPluginDocument } from './installed-plugin.schema.js';
import { InstanceTransitionRepository } from './instance-transition.repository.js';
import { RemovalService } from './removal.service.js';

/** What becomes of instances, one change of state after the other. */
@Injectable()
export class InstanceTransitions {
  constructor(
    private readonly repository: InstanceTransitionRepository,
    private readonly feed: ChangeFeed,
    private readonly removal: RemovalService,
  ) {}

  /** Calls the listener with each change, of which some may be known already; with a removal in the process that does it. */
  onTransition(listener: (changed: Transitioned) => void): void {
    this.feed.on('installed_plugins', ({ document }) => {
      if (document !== undefined) listener(toTransitioned(document as unknown as InstalledPluginDocument));
    });
    this.removal.onRemoved(listener);
  }

  /** What has changed since the time, as far as it is still known. */
  since(time: Date): Promise<Transitioned[]> {
    return this.repository.since(time);
  }
}
