#!/usr/bin/env node
import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type INestApplicationContext, Logger, type LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { optionsOf } from './agent/agent-options.js';
import { AgentModule } from './agent/agent.module.js';
import { AgentService } from './agent/agent.service.js';
import { type LinkSecret, newLinkSecret } from './auth/link-access.js';
import { embeddedAgentFrom } from './config/agent.config.js';
import { readServerSettings, type ServerSettings } from './config/settings.js';
import { type EmbeddedMongo, startEmbeddedMongo } from './embedded-mongo/index.js';
import { createLogger } from './common/logger.js';
import { type Serving, startServer } from './server/start-server.js';
import type { WorkerStart } from './server/workers/messages.js';
import { WorkerPool } from './server/workers/worker-pool.js';

/** What has been started, in order; it is closed in the opposite order. */
const started: { close(): Promise<void> }[] = [];
/** Lets calls end before anything is closed. */
let draining: () => Promise<void> = () => Promise.resolve();

async function main(): Promise<void> {
  const settings = readServerSettings();
  const logger = createLogger({ level: settings.log_level, format: settings.log_format });
  Logger.overrideLogger(logger);
  closeOnSignals();
  const databaseUri = settings.mongodb_uri ?? (await startDatabase(settings)).uri;
  const agent = settings.agent === 'embedded' ? newLinkSecret(settings.agent_domain) : undefined;
  const server = await serve(settings, { databaseUri, agent, localSocket: await localSocket(settings) }, logger);
  started.push(server);
  draining = () => server.drain();
  if (agent !== undefined) await startAgent(settings, server.addresses.localAddress, agent, logger);
  server.announce();
  const { grpcPort, httpPort, repositoryPort } = server.addresses;
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
  const scheme = settings.security.tls_cert === undefined ? 'http' : 'https';
  const ready = `Berth is ready: gRPC ${host}:${grpcPort}, HTTP ${scheme}://${host}:${httpPort}\n`;
  const repository = repositoryPort === undefined ? '' : `Repository service: gRPC ${host}:${repositoryPort}\n`;
  process.stdout.write(ready + repository);
}

/** In this process, or in several others. */
async function serve(settings: ServerSettings, start: WorkerStart, logger: LoggerService): Promise<Serving> {
  if (settings.workers === 1) return startServer(settings, start.databaseUri, logger, start);
  const pool = await WorkerPool.start(settings.workers, start);
  process.on('SIGHUP', () => void pool.reload());
  return pool;
}

/** Agents of this machine need no TLS: they may open the file. */
async function localSocket({ security }: ServerSettings): Promise<string | undefined> {
  if (security.tls_cert === undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'berth-'));
  started.push({ close: () => rm(folder, { recursive: true, force: true }) });
  return join(folder, 'grpc.sock');
}

async function startDatabase(settings: ServerSettings): Promise<EmbeddedMongo> {
  const database = await startEmbeddedMongo({ directory: join(settings.data_dir, 'db') });
  started.push(database);
  return database;
}

/** The agent that comes along: the program of `npm run agent`, over the same link. */
async function startAgent(
  settings: ServerSettings,
  server: string,
  { secret, domainId }: LinkSecret,
  logger: LoggerService,
): Promise<void> {
  const command = embeddedAgentFrom();
  const agent = await NestFactory.createApplicationContext(
    AgentModule.forRoot({
      ...optionsOf(command),
      server,
      credentials: { token: secret },
      domainId,
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
