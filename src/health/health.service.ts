import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { HealthCheckResponse_ServingStatus as ServingStatus } from '../generated/grpc/health/v1/health.js';
import { DatabaseRepository } from './database.repository.js';
import { GrpcHealth } from './grpc-health.js';

/** How long the database may take to answer, in milliseconds, before it counts as away. */
const PING_TIMEOUT = 1_000;

/** Whether this process should be sent calls, for both transports. */
@Injectable()
export class HealthService implements BeforeApplicationShutdown {
  /** The grpc.health.v1 service. */
  readonly grpc = new GrpcHealth();
  private readonly logger = new Logger(HealthService.name);
  private services: readonly string[] = [];
  private reason: string | undefined = 'starting';

  constructor(private readonly database: DatabaseRepository) {
    this.grpc.set('', ServingStatus.NOT_SERVING);
  }

  /** From now on calls are served. */
  serving(services: readonly string[]): void {
    this.services = services;
    this.reason = undefined;
    for (const name of ['', ...services]) this.grpc.set(name, ServingStatus.SERVING);
  }

  beforeApplicationShutdown(): void {
    this.stopping();
  }

  /** From now on calls should go elsewhere. */
  stopping(): void {
    this.reason = 'stopping';
    for (const name of ['', ...this.services]) this.grpc.set(name, ServingStatus.NOT_SERVING);
  }

  /** Why calls should go elsewhere; undefined when they should come. */
  async whyNotReady(): Promise<string | undefined> {
    if (this.reason !== undefined) return this.reason;
    try {
      await this.database.ping(PING_TIMEOUT);
      return undefined;
    } catch (error) {
      // Whoever asks needs no token: where the database is, and what it says, is for the log.
      this.logger.warn({ msg: 'Not ready: the database does not answer.', reason: String(error) });
      return 'the database does not answer';
    }
  }
}
