#!/usr/bin/env node
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { optionsOf } from './agent/agent-options.js';
import { AgentModule } from './agent/agent.module.js';
import { AgentService } from './agent/agent.service.js';
import { createLogger } from './common/logger.js';
import { agentOptionsFrom } from './config/agent.config.js';
import { agentHelp } from './config/agent.flags.js';

async function main(): Promise<void> {
  const command = agentOptionsFrom(process.argv.slice(2));
  if (!command) {
    process.stdout.write(agentHelp());
    return;
  }
  const app = await NestFactory.createApplicationContext(AgentModule.forRoot(optionsOf(command)), {
    logger: createLogger({ level: command.logLevel, format: command.logFormat }),
    abortOnError: false,
  });
  app.enableShutdownHooks(['SIGTERM', 'SIGINT']);
  const { supervisor_id } = await app.get(AgentService).whenConnected();
  process.stdout.write(`Berth agent is connected to ${command.settings.server} as ${supervisor_id}\n`);
}

main().catch((error: Error) => {
  process.stderr.write(`The agent cannot start. ${error.message}\n`);
  process.exit(1);
});
