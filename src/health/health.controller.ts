import { Controller, Get, HttpStatus, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { HealthService } from './health.service.js';

/** What load balancers and orchestrators ask over HTTP; over gRPC it is grpc.health.v1. */
@Controller('health')
export class HealthController {
  constructor(private readonly health: HealthService) {}

  /** The process is alive. */
  @Get('live')
  live(): object {
    return { status: 'SERVING' };
  }

  /** It can take calls. */
  @Get('ready')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    const reason = await this.health.whyNotReady();
    if (reason === undefined) return { status: 'SERVING' };
    void reply.status(HttpStatus.SERVICE_UNAVAILABLE);
    return { status: 'NOT_SERVING', reason };
  }
}
