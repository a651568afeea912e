import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { ChangeFeed } from '../change-feed/change-feed.service.js';
import type { Supervisor } from './supervisor.js';
import { toSupervisor } from './supervisor.mapper.js';
import { SupervisorRepository } from './supervisor.repository.js';
import type { SupervisorDocument } from './supervisor.schema.js';
import { vanishedTogether } from './vanished.js';

type SupervisorListener = (id: string, supervisor: Supervisor | undefined) => void;

/** All supervisors, in memory, kept current by the change feed: who chooses one needs no database call. */
@Injectable()
export class SupervisorDirectory implements OnApplicationBootstrap {
  private readonly supervisors = new Map<string, Supervisor>();
  private readonly listeners: SupervisorListener[] = [];
  /** Made when it is asked for, until something changes. */
  private awaited: ReadonlySet<string> | undefined;

  constructor(
    private readonly repository: SupervisorRepository,
    private readonly feed: ChangeFeed,
  ) {
    feed.on('supervisors', ({ id, document }) =>
      this.apply(id, document && toSupervisor(document as unknown as SupervisorDocument)),
    );
    feed.onGap(() => void this.load());
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.feed.open();
    await this.load();
  }

  find(id: string): Supervisor | undefined {
    return this.supervisors.get(id);
  }

  all(): Iterable<Supervisor> {
    return this.supervisors.values();
  }

  /** Whether the supervisor is lost, and waited for all the same: see {@link vanishedTogether}. */
  isAwaited(id: string): boolean {
    this.awaited ??= vanishedTogether(this.supervisors.values());
    return this.awaited.has(id);
  }

  /** What this process has written itself: it need not wait for the feed to bring it. */
  know(supervisor: Supervisor): void {
    this.apply(supervisor.id, supervisor);
  }

  /** The same for a supervisor that was removed. */
  forget(id: string): void {
    this.apply(id, undefined);
  }

  /** Calls the listener when what may be done with a supervisor has changed; undefined when it is gone. */
  onChange(listener: SupervisorListener): void {
    this.listeners.push(listener);
  }

  private async load(): Promise<void> {
    // One that is made meanwhile may be missing in what is read, and is not gone.
    const known = [...this.supervisors.keys()];
    const all = await this.repository.findAll();
    const ids = new Set(all.map(({ id }) => id));
    for (const id of known) if (!ids.has(id)) this.apply(id, undefined);
    for (const supervisor of all) this.apply(supervisor.id, supervisor);
  }

  private apply(id: string, supervisor: Supervisor | undefined): void {
    const before = this.supervisors.get(id);
    if (supervisor === undefined) this.supervisors.delete(id);
    else if (before !== undefined && before.revision > supervisor.revision) return;
    else this.supervisors.set(id, supervisor);
    this.awaited = undefined;
    // A renewed lease alone concerns nobody.
    const same =
      before?.state === supervisor?.state &&
      before?.lost === supervisor?.lost &&
      before?.silent === supervisor?.silent &&
      before?.epoch === supervisor?.epoch &&
      before?.updatedAt.getTime() === supervisor?.updatedAt.getTime();
    if (!same) for (const listener of this.listeners) listener(id, supervisor);
  }
}
