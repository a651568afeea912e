import { Injectable } from '@nestjs/common';
import { ChangeFeed } from '../change-feed/change-feed.service.js';
import type { Transitioned } from '../database/transitions.js';
import type { Supervisor } from './supervisor.js';
import { toTransitioned } from './supervisor.mapper.js';
import { SupervisorRepository } from './supervisor.repository.js';
import type { SupervisorDocument } from './supervisor.schema.js';

/** What becomes of supervisors, one change of state after the other. */
@Injectable()
export class SupervisorTransitions {
  private readonly listeners: ((changed: Transitioned) => void)[] = [];

  constructor(
    private readonly repository: SupervisorRepository,
    private readonly feed: ChangeFeed,
  ) {}

  /** Calls the listener with each change, of which some may be known already; with a removal in the process that does it. */
  onTransition(listener: (changed: Transitioned) => void): void {
    this.feed.on('supervisors', ({ document }) => {
      if (document !== undefined) listener(toTransitioned(document as unknown as SupervisorDocument));
    });
    this.listeners.push(listener);
  }

  /** What has changed lately, as far as it is still known. */
  latest(): Promise<Transitioned[]> {
    return this.repository.transitions();
  }

  /** A caller has had the supervisor removed. */
  removed({ id, domainId, state: from, epoch: generation, revision }: Supervisor): void {
    const reason = 'deregister was called';
    const removal = { at: new Date(), revision: revision + 1, from, to: 'REMOVED', reason, generation } as const;
    const subject = { kind: 'supervisor', id, supervisorId: id, domainId, pluginId: '', version: '' } as const;
    for (const listener of this.listeners) listener({ ...subject, transitions: [{ ...removal, by: 'caller' }] });
  }
}
