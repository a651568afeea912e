import { Controller } from '@nestjs/common';
import { GrpcStreamCall } from '@nestjs/microservices';
import type { LinkStream } from './link-stream.js';
import { LinkService } from './link.service.js';

/** The stream that joins agents to the server; gRPC only. */
@Controller()
export class LinkController {
  constructor(private readonly link: LinkService) {}

  @GrpcStreamCall('SupervisorLink', 'connect')
  connect(stream: LinkStream): void {
    void this.link.accept(stream);
  }
}
