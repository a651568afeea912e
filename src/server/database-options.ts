import type { MongooseModuleFactoryOptions } from '@nestjs/mongoose';

/** How the server talks to its database. */
export const databaseOptions: MongooseModuleFactoryOptions = {
  dbName: 'berth',
  // An acknowledged write survives the loss of a machine.
  writeConcern: { w: 'majority', journal: true },
  // A caller hears in less than two seconds that the database is away.
  serverSelectionTimeoutMS: 1_500,
  bufferCommands: false,
  maxPoolSize: 50,
  retryAttempts: 20,
  retryDelay: 500,
};
