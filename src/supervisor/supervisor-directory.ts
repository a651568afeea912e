import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ChangeFeed } from '../change-feed/change-feed.service.js';
import type { Supervisor } from './supervisor.js';
import { toSupervisor } from './supervisor.mapper.js';
import { SupervisorRepository } from './supervisor.repository.js';
import type { SupervisorDocument } from './supervisor.schema.js';
import { vanishedTogether } from './vanished.js';

/** Pause before the next try where supervisors could not be read, in milliseconds. */
const RETRY_PAUSE = 1_000;

type SupervisorListener = (id: string, supervisor: Supervisor | undefined) => void;

/** All supervisors, in memory, kept current by the change feed: who chooses one needs no database call. */
@Injectable()
export class SupervisorDirectory implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly supervisors = new Map<string, Supervisor>();
  private readonly listeners: SupervisorListener[] = [];
  /** Made when it is asked for, until something changes. */
  private awaited: ReadonlySet<string> | undefined;
  private readonly logger = new Logger(SupervisorDirectory.name);
  private retry?: NodeJS.Timeout;

  constructor(
    private readonly repository: SupervisorRepository,
    private readonly feed: ChangeFeed,
  ) {
    feed.on('supervisors', ({ id, document }) =>
      this.apply(id, document && toSupervisor(document as unknown as SupervisorDocument)),
    );
    feed.onGap(() => this.loadAgain());
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.feed.open();
    await this.load();
  }

  onApplicationShutdown(): void {
    clearTimeout(this.retry);
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

  /** After a gap: again and again until it is done, since nothing else brings what was missed. */
  private loadAgain(): void {
    clearTimeout(this.retry);
    this.load().catch((error: unknown) => {
      this.logger.warn({ msg: 'Supervisors cannot be read now.', error: String(error) });
      this.retry = setTimeout(() => this.loadAgain(), RETRY_PAUSE).unref();
    });
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
