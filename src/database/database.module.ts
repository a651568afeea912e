import { type DynamicModule, Module } from '@nestjs/common';
import { getConnectionToken, MongooseModule } from '@nestjs/mongoose';
import type { Connection } from 'mongoose';
import { BERTH_CONNECTION } from './connection.js';

/** A database of Berth's own, or a connection that the host application has made with MongooseModule. */
export type DatabaseOptions =
  | {
      readonly uri: string;
      /** How long each step of a command may take, in milliseconds; a command has two at most. 800 by default. */
      readonly timeout?: number;
    }
  | {
      /** Name of the host's connection; its default connection where this is left out. */
      readonly connection?: string;
      /** Database on that connection; the connection's own where this is left out. */
      readonly name?: string;
    };

const CONNECTION_NAME = 'berth';

/** In milliseconds. */
const STEP_TIMEOUT = 800;

/**
 * By default a caller hears in less than two seconds that the database is away, also where it takes connections and says
 * nothing: a command is tried twice at most. Those that may take longer say so themselves, by `socketTimeoutMS`.
 */
const patience = (timeout: number) => ({
  serverSelectionTimeoutMS: timeout,
  connectTimeoutMS: timeout,
  waitQueueTimeoutMS: timeout,
  socketTimeoutMS: timeout,
  heartbeatFrequencyMS: 2_000,
});

/** Where Berth's collections live. */
@Module({})
export class DatabaseModule {
  static forRoot(options: DatabaseOptions): DynamicModule {
    return 'uri' in options ? own(options.uri, options.timeout) : shared(options.connection, options.name);
  }
}

/** A connection for callers who want to hear soon when the database is away. */
function own(uri: string, timeout = STEP_TIMEOUT): DynamicModule {
  const mongoose = MongooseModule.forRoot(uri, {
    connectionName: CONNECTION_NAME,
    dbName: 'berth',
    // An acknowledged write survives the loss of a machine.
    writeConcern: { w: 'majority', journal: true },
    ...patience(timeout),
    bufferCommands: false,
    maxPoolSize: 50,
    retryAttempts: 20,
    retryDelay: 500,
  });
  return {
    module: DatabaseModule,
    global: true,
    imports: [mongoose],
    providers: [{ provide: BERTH_CONNECTION, useExisting: getConnectionToken(CONNECTION_NAME) }],
    exports: [BERTH_CONNECTION],
  };
}

function shared(connectionName: string | undefined, database: string | undefined): DynamicModule {
  return {
    module: DatabaseModule,
    global: true,
    providers: [
      {
        provide: BERTH_CONNECTION,
        inject: [getConnectionToken(connectionName)],
        useFactory: (connection: Connection) =>
          database === undefined ? connection : connection.useDb(database, { useCache: true }),
      },
    ],
    exports: [BERTH_CONNECTION],
  };
}
