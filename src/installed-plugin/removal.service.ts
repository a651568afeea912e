import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import type { Transitioned } from '../database/transitions.js';
import { InstanceOutputRepository } from './instance-output.repository.js';
import { type Removed, RemovalRepository } from './removal.repository.js';

/** Has instances stopped that nobody is bound to any more. */
@Injectable()
export class RemovalService {
  private readonly logger = new Logger(RemovalService.name);

  private readonly listeners: ((removed: Transitioned) => void)[] = [];

  constructor(
    private readonly repository: RemovalRepository,
    private readonly outputs: InstanceOutputRepository,
  ) {}

  /** Calls the listener with each instance that this process has removed. */
  onRemoved(listener: (removed: Transitioned) => void): void {
    this.listeners.push(listener);
  }

  /** Removes an instance unless somebody is bound to it. */
  async removeUnbound(id: string): Promise<void> {
    while (!(await this.repository.isBound(id))) {
      const mark = randomUUID();
      if (!(await this.repository.mark(id, mark))) return;
      if (await this.repository.isBound(id)) return this.repository.unmark(id, mark);
      const removed = await this.repository.delete(id, mark);
      if (removed !== undefined) {
        this.tell(removed);
        return this.outputs.remove(id);
      }
      // Somebody has taken the mark off who had read a binding that has moved since, or is removing it as well.
    }
  }

  /** The same for all instances of a supervisor. */
  async removeUnboundOf(supervisorId: string): Promise<void> {
    for (const id of await this.repository.unboundOf(supervisorId)) await this.removeUnbound(id);
  }

  private tell({ instance, changed }: Removed): void {
    const reason = 'nobody is bound to it any more';
    this.logger.log({ msg: `Instance removed: ${reason}.`, instance: instance.id });
    const { state: from, generation, revision } = instance;
    const removal = {
      at: new Date(),
      revision: revision + 1,
      from,
      to: 'REMOVED',
      reason,
      generation,
      by: 'berth',
    } as const;
    for (const listener of this.listeners) listener({ ...changed, transitions: [...changed.transitions, removal] });
  }
}
