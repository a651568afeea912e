import { Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import type { Connection } from 'mongoose';

/** The database as a whole. */
@Injectable()
export class DatabaseRepository {
  constructor(@InjectConnection() private readonly connection: Connection) {}

  /** @throws Error when the database has not answered within the time, in milliseconds */
  async ping(timeout: number): Promise<void> {
    if (this.connection.db === undefined) throw new Error('not connected');
    await this.connection.db.command({ ping: 1 }, { timeoutMS: timeout });
  }
}
