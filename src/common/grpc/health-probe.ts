import { connect } from 'node:net';
import { Client, credentials, status, type ServiceError } from '@grpc/grpc-js';
import { isSecure } from './grpc-address.js';
import {
  type HealthCheckResponse,
  HealthCheckResponse_ServingStatus as ServingStatus,
  HealthService,
} from '../../generated/grpc/health/v1/health.js';

/** What one look at a plugin showed. */
export type Health =
  | { readonly serving: true }
  | {
      readonly serving: false;
      readonly reason: string;
      /** Nothing came back from where it is: from here it cannot be told whether it lives. */
      readonly unreachable?: boolean;
      /** Nothing listens where it is: it is dead. */
      readonly gone?: boolean;
    };

/** Where a plugin listens, and where it is looked for. */
export interface ProbeTarget {
  /** As callers are told: `grpc://host:port` */
  readonly endpoint: string;
  readonly host: string;
  readonly port: number;
}

/** Asks one plugin for its health, again and again. */
export interface HealthProbe {
  /** Never rejects, and never takes longer than the time-out the probe was made with. */
  check(): Promise<Health>;
  close(): void;
}

export type HealthProbes = (target: ProbeTarget) => HealthProbe;

/** Probes over the network. @param timeoutMs how long one check may take */
export const networkProbes =
  (timeoutMs: number): HealthProbes =>
  ({ endpoint, host, port }) =>
    new NetworkProbe(host, port, timeoutMs, isSecure(endpoint));

/**
 * Asks by grpc.health.v1 where a plugin serves it; where it does not, its port accepting a connection is enough.
 *
 * While the port refuses, only the port is tried: a refused connection tells in a tenth of a millisecond what a gRPC
 * channel, with its own pauses between attempts, would notice late.
 */
class NetworkProbe implements HealthProbe {
  private client?: Client;
  private portIsEnough: boolean;

  constructor(
    private readonly host: string,
    private readonly port: number,
    private readonly timeoutMs: number,
    secure: boolean,
  ) {
    // What certificate it has is not known here.
    this.portIsEnough = secure;
  }

  async check(): Promise<Health> {
    if (!this.client || this.portIsEnough) {
      const accepting = await this.accepts();
      if (!accepting.serving || this.portIsEnough) return accepting;
    }
    this.client ??= this.newClient();
    return this.ask(this.client);
  }

  close(): void {
    this.client?.close();
    this.client = undefined;
  }

  private newClient(): Client {
    const host = this.host.includes(':') ? `[${this.host}]` : this.host;
    return new Client(`${host}:${this.port}`, credentials.createInsecure(), {
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 1_000,
      'grpc.enable_http_proxy': 0,
      'grpc.service_config_disable_resolution': 1,
      // A plugin that took another's port must not inherit the other's connection.
      'grpc.use_local_subchannel_pool': 1,
    });
  }

  private accepts(): Promise<Health> {
    return new Promise((resolve) => {
      const socket = connect({ host: this.host, port: this.port, timeout: this.timeoutMs });
      const answer = (health: Health): void => {
        socket.destroy();
        resolve(health);
      };
      socket.once('connect', () => answer({ serving: true }));
      socket.once('timeout', () => answer({ ...failing(`port ${this.port} does not answer`), unreachable: true }));
      socket.once('error', (error: NodeJS.ErrnoException) =>
        answer(
          error.code === 'ECONNREFUSED'
            ? { ...failing(`nothing listens on port ${this.port} (${error.code})`), gone: true }
            : { ...failing(error.message), unreachable: true },
        ),
      );
    });
  }

  private ask(client: Client): Promise<Health> {
    return new Promise((resolve) => {
      const answered = (error: ServiceError | null, response?: HealthCheckResponse): void => {
        if (!error) return resolve(healthOf(response));
        if (error.code === status.UNIMPLEMENTED) {
          this.portIsEnough = true;
          this.close();
          return resolve({ serving: true });
        }
        const gone = error.code === status.UNAVAILABLE;
        resolve({ ...failing(`its health check answers ${status[error.code]}: ${error.details}`), gone });
      };
      const { path, requestSerialize, responseDeserialize } = HealthService.check;
      const deadline = Date.now() + this.timeoutMs;
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, { service: '' }, { deadline }, answered);
    });
  }
}

const failing = (reason: string) => ({ serving: false, reason }) as const;

function healthOf({ status: state = ServingStatus.UNKNOWN }: HealthCheckResponse = {}): Health {
  return state === ServingStatus.SERVING ? { serving: true } : failing(`its health check answers ${state}`);
}
