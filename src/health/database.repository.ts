import { Inject, Injectable } from '@nestjs/common';
import type { Connection } from 'mongoose';
import { BERTH_CONNECTION } from '../database/connection.js';

/** The database as a whole. */
@Injectable()
export class DatabaseRepository {
  constructor(@Inject(BERTH_CONNECTION) private readonly connection: Connection) {}

  /** @throws Error when the database has not answered within the time, in milliseconds */
  async ping(timeout: number): Promise<void> {
    if (this.connection.db === undefined) throw new Error('not connected');
    await this.connection.db.command({ ping: 1 }, { timeoutMS: timeout });
  }
}
