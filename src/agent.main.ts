#!/usr/bin/env node
import 'reflect-metadata';
import { ConsoleLogger, type LogLevel } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AgentModule } from './agent/agent.module.js';
import { AgentService } from './agent/agent.service.js';
import { agentOptionsFrom, type AgentCommand } from './config/agent.config.js';
import { agentHelp } from './config/agent.flags.js';

async function main(): Promise<void> {
  const command = agentOptionsFrom(process.argv.slice(2));
  if (!command) {
    process.stdout.write(agentHelp());
    return;
  }
  const { settings, startTimeoutMs, stopGraceMs, maxRestarts } = command;
  const options = {
    ...settings,
    timings: definedOnly({ startTimeoutMs, stopGraceMs }),
    restart: definedOnly({ maxRestarts }),
  };
  const app = await NestFactory.createApplicationContext(AgentModule.forRoot(options), {
    logger: loggerOf(command),
    abortOnError: false,
  });
  app.enableShutdownHooks(['SIGTERM', 'SIGINT']);
  const { supervisor_id } = await app.get(AgentService).whenConnected();
  process.stdout.write(`Berth agent is connected to ${settings.server} as ${supervisor_id}\n`);
}

const LEVELS: readonly LogLevel[] = ['error', 'warn', 'log', 'debug'];
const LEVEL_NAMES: readonly AgentCommand['logLevel'][] = ['error', 'warn', 'info', 'debug'];

function loggerOf({ logLevel, logFormat }: AgentCommand): ConsoleLogger {
  const json = logFormat === 'json' || (logFormat === 'auto' && !process.stdout.isTTY);
  return new ConsoleLogger({ json, logLevels: ['fatal', ...LEVELS.slice(0, LEVEL_NAMES.indexOf(logLevel) + 1)] });
}

function definedOnly<T extends object>(values: T): Partial<{ [K in keyof T]: NonNullable<T[K]> }> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<{
    [K in keyof T]: NonNullable<T[K]>;
  }>;
}

main().catch((error: Error) => {
  process.stderr.write(`The agent cannot start. ${error.message}\n`);
  process.exit(1);
});
