import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { RemovalRepository } from './removal.repository.js';

/** Has instances stopped that nobody is bound to any more. */
@Injectable()
export class RemovalService {
  private readonly logger = new Logger(RemovalService.name);

  constructor(private readonly repository: RemovalRepository) {}

  /** Removes an instance unless somebody is bound to it. */
  async removeUnbound(id: string): Promise<void> {
    while (!(await this.repository.isBound(id))) {
      const mark = randomUUID();
      if (!(await this.repository.mark(id, mark))) return;
      if (await this.repository.isBound(id)) return this.repository.unmark(id, mark);
      if (await this.repository.delete(id, mark)) {
        this.logger.log({ msg: 'Instance removed: nobody is bound to it any more.', instance: id });
        return;
      }
      // Somebody has taken the mark off who had read a binding that has moved since, or is removing it as well.
    }
  }

  /** The same for all instances of a supervisor. */
  async removeUnboundOf(supervisorId: string): Promise<void> {
    for (const id of await this.repository.unboundOf(supervisorId)) await this.removeUnbound(id);
  }
}
