import { Logger } from '@nestjs/common';
import { createLogger } from '../../common/logger.js';
import { readServerSettings } from '../../config/settings.js';
import { type RunningServer, startServer } from '../start-server.js';
import type { News, Order, WorkerStart } from './messages.js';

/** Serves as its pool tells it to. It ends when it is told to, and when the pool is gone. */
export function serveAsWorker(): void {
  // A terminal, or a service manager, signals all processes of a group: here the pool alone decides.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
  process.on('unhandledRejection', (reason) => {
    new Logger('Process').error({ msg: 'A promise was rejected and nobody looked.', error: String(reason) });
  });
  let server: RunningServer | undefined;
  const obey = async (order: Order): Promise<void> => {
    switch (order.order) {
      case 'start':
        server = await start(order.start);
        return tell({ news: 'listening', addresses: server.addresses });
      case 'announce':
        return server?.announce();
      case 'drain':
        await server?.drain();
        return tell({ news: 'drained' });
      case 'close':
        await server?.close();
        process.exit(0);
    }
  };
  process.on('message', (order: Order) => {
    obey(order).catch((error: unknown) => {
      tell({ news: 'failed', reason: error instanceof Error ? error.message : String(error) });
      process.exit(1);
    });
  });
  tell({ news: 'attentive' });
}

function start({ databaseUri, agent, localSocket }: WorkerStart): Promise<RunningServer> {
  const settings = readServerSettings();
  const logger = createLogger({ level: settings.log_level, format: settings.log_format });
  Logger.overrideLogger(logger);
  return startServer(settings, databaseUri, logger, { agent, localSocket });
}

function tell(news: News): void {
  process.send?.(news);
}
