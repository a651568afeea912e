import 'reflect-metadata';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { readServerSettings } from './config/settings.js';
import { startEmbeddedMongo } from './embedded-mongo/index.js';
import { createLogger } from './server/logger.js';
import { startServer } from './server/start-server.js';

const settings = readServerSettings();
const logger = createLogger(settings);
Logger.overrideLogger(logger);
const database = settings.mongodb_uri
  ? undefined
  : await startEmbeddedMongo({ directory: join(settings.data_dir, 'db') });
const server = await startServer(settings, database?.uri ?? settings.mongodb_uri!, logger);
server.announce();
process.stdout.write(
  `Berth is ready: gRPC ${settings.host}:${server.grpcPort}, HTTP http://${settings.host}:${server.httpPort}\n`,
);
