import { type DynamicModule, Injectable, Module, type OnModuleInit } from '@nestjs/common';
import { InjectConnection, MongooseModule } from '@nestjs/mongoose';
import type { Connection } from 'mongoose';

/** Unique indexes decide races: they have to be there before the first write. */
@Injectable()
class IndexBuilder implements OnModuleInit {
  constructor(@InjectConnection() private readonly connection: Connection) {}

  async onModuleInit(): Promise<void> {
    await Promise.all(Object.values(this.connection.models).map((model) => model.init()));
  }
}

/** The connection to the database, made for callers who want to hear soon when it is away. */
@Module({})
export class DatabaseModule {
  static forRoot(uri: string): DynamicModule {
    const mongoose = MongooseModule.forRoot(uri, {
      dbName: 'berth',
      // An acknowledged write survives the loss of a machine.
      writeConcern: { w: 'majority', journal: true },
      // A caller hears in less than two seconds that the database is away.
      serverSelectionTimeoutMS: 1_500,
      bufferCommands: false,
      maxPoolSize: 50,
      retryAttempts: 20,
      retryDelay: 500,
    });
    return { module: DatabaseModule, imports: [mongoose], providers: [IndexBuilder], exports: [mongoose] };
  }
}
