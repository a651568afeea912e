import { ConsoleLogger, type LoggerService, type LogLevel } from '@nestjs/common';

export interface LogSettings {
  /** The least urgent that is written. */
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** `auto` is text on a terminal, else one JSON object a line. */
  readonly format: 'auto' | 'json' | 'text';
}

const levels: Record<LogSettings['level'], LogLevel[]> = {
  debug: ['fatal', 'error', 'warn', 'log', 'debug'],
  info: ['fatal', 'error', 'warn', 'log'],
  warn: ['fatal', 'error', 'warn'],
  error: ['fatal', 'error'],
};

/** Where Nest tells of every module and route that it sets up. */
const frameworkContexts = new Set([
  'InstanceLoader',
  'NestApplication',
  'NestFactory',
  'NestMicroservice',
  'RouterExplorer',
  'RoutesResolver',
]);

/** Nest's logger on stderr: what a program answers on stdout stays readable by other programs. */
class StderrLogger extends ConsoleLogger {
  override log(message: unknown, ...rest: unknown[]): void {
    const context = rest.at(-1);
    if (typeof context === 'string' && frameworkContexts.has(context) && !this.isLevelEnabled('debug')) return;
    super.log(message, ...(rest as [string]));
  }

  protected override printMessages(
    messages: unknown[],
    context?: string,
    level?: LogLevel,
    _stream?: 'stdout' | 'stderr',
    errorStack?: unknown,
  ): void {
    super.printMessages(messages, context, level, 'stderr', errorStack);
  }

  protected override printAsJson(message: unknown, options: Parameters<ConsoleLogger['printAsJson']>[1]): void {
    super.printAsJson(message, { ...options, writeStreamType: 'stderr' });
  }
}

/** The logger that the settings ask for. */
export function createLogger({ level, format }: LogSettings): LoggerService {
  const terminal = process.stderr.isTTY === true;
  const json = format === 'json' || (format === 'auto' && !terminal);
  return new StderrLogger({ json, colors: terminal && !json, compact: true, logLevels: levels[level] });
}
