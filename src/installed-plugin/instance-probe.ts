import { Injectable } from '@nestjs/common';
import { hostAndPort } from '../common/grpc/grpc-address.js';
import { networkProbes } from '../common/grpc/health-probe.js';

/** How long an instance may take to answer, in milliseconds. */
const TIMEOUT = 1_000;

/** Looks at instances from here, where a caller says that one is broken and its supervisor does not. */
@Injectable()
export class InstanceProbe {
  private readonly probes = networkProbes(TIMEOUT);

  /**
   * Why the endpoint cannot serve; undefined when it does, or when it cannot be reached from here and its supervisor
   * knows better.
   */
  async faultOf(endpoint: string): Promise<string | undefined> {
    const probe = this.probes({ endpoint, ...hostAndPort(endpoint) });
    try {
      const health = await probe.check();
      return health.serving || health.unreachable ? undefined : health.reason;
    } finally {
      probe.close();
    }
  }
}
