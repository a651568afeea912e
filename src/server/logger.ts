import { ConsoleLogger, type LoggerService, type LogLevel } from '@nestjs/common';
import type { ServerSettings } from '../config/settings.js';

const levels: Record<ServerSettings['log_level'], LogLevel[]> = {
  debug: ['fatal', 'error', 'warn', 'log', 'debug'],
  info: ['fatal', 'error', 'warn', 'log'],
  warn: ['fatal', 'error', 'warn'],
  error: ['fatal', 'error'],
};

/** Nest's logger as the settings ask for it: one JSON object a line, or text for people. */
export function createLogger({ log_level, log_format }: Pick<ServerSettings, 'log_level' | 'log_format'>): LoggerService {
  const terminal = process.stdout.isTTY === true;
  const json = log_format === 'json' || (log_format === 'auto' && !terminal);
  return new ConsoleLogger({ json, colors: terminal && !json, compact: true, logLevels: levels[log_level] });
}
