#!/usr/bin/env node
import 'reflect-metadata';
import { join } from 'node:path';
import { type INestApplicationContext, Logger, type LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { optionsOf } from './agent/agent-options.js';
import { AgentModule } from './agent/agent.module.js';
import { AgentService } from './agent/agent.service.js';
import { LinkAccess } from './auth/link-access.js';
import { embeddedAgentFrom } from './config/agent.config.js';
import { readServerSettings, type ServerSettings } from './config/settings.js';
import { type EmbeddedMongo, startEmbeddedMongo } from './embedded-mongo/index.js';
import { createLogger } from './common/logger.js';
import { type RunningServer, startServer } from './server/start-server.js';

/** What has been started, in order; it is closed in the opposite order. */
const started: { close(): Promise<void> }[] = [];
/** Lets calls end before anything is closed. */
let draining: () => Promise<void> = () => Promise.resolve();

async function main(): Promise<void> {
  const settings = readServerSettings();
  const logger = createLogger({ level: settings.log_level, format: settings.log_format });
  Logger.overrideLogger(logger);
  closeOnSignals();
  const uri = settings.mongodb_uri ?? (await startDatabase(settings)).uri;
  const server = await startServer(settings, uri, logger);
  started.push(server);
  draining = () => server.drain();
  if (settings.agent === 'embedded') await startAgent(settings, server, logger);
  server.announce();
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
  const scheme = settings.security.tls_cert === undefined ? 'http' : 'https';
  process.stdout.write(
    `Berth is ready: gRPC ${host}:${server.grpcPort}, HTTP ${scheme}://${host}:${server.httpPort}\n`,
  );
}

async function startDatabase(settings: ServerSettings): Promise<EmbeddedMongo> {
  const database = await startEmbeddedMongo({ directory: join(settings.data_dir, 'db') });
  started.push(database);
  return database;
}

/** The agent that comes along: the program of `npm run agent`, over the same link. */
async function startAgent(settings: ServerSettings, server: RunningServer, logger: LoggerService): Promise<void> {
  const command = embeddedAgentFrom();
  const agent = await NestFactory.createApplicationContext(
    AgentModule.forRoot({
      ...optionsOf(command),
      server: server.localAddress,
      credentials: { token: server.app.get(LinkAccess).secretFor(settings.agent_domain) },
      domainId: settings.agent_domain,
      name: command.settings.name ?? 'local',
      isPublic: true,
      dataDirectory: settings.data_dir,
      pluginDirectory: settings.plugin_dir,
      onExit: 'stop',
    }),
    { logger, abortOnError: false },
  );
  started.push(agent satisfies INestApplicationContext);
  await agent.get(AgentService).whenConnected();
}

function closeOnSignals(): void {
  let closing: Promise<void> | undefined;
  const close = async () => {
    // What waits for a deployment needs the agent, and the agent the server.
    await draining();
    while (started.length > 0) await started.pop()?.close();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      closing ??= close().then(
        () => process.exit(0),
        (error: unknown) => fail('Berth did not stop in good order.', error),
      );
    });
  }
}

function fail(message: string, error: unknown): never {
  process.stderr.write(`${message} ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

process.on('unhandledRejection', (reason) => {
  new Logger('Process').error({ msg: 'A promise was rejected and nobody looked.', error: String(reason) });
});

main().catch((error: unknown) => fail('Berth cannot start.', error));
