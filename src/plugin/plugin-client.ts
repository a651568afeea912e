import { Client, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { pluginCallFailed } from '../common/errors/errors.js';
import { PluginAnswer } from '../common/errors/plugin-answer.js';
import { grpcTarget } from '../common/grpc/grpc-address.js';
import { InitResponse } from '../generated/berth/plugin/v1/init.js';
import { initMethodOf } from './init-method.js';

/** How long a plugin may take to answer `init`, in milliseconds, where the caller sets no earlier deadline. */
const INIT_TIMEOUT = 30_000;

/** Connections that are kept open; the least recently used is closed first. */
const MAX_CLIENTS = 100;

export interface InitCall {
  readonly pluginId: string;
  /** `grpc://host:port`, or `grpc+ssl://host:port` */
  readonly endpoint: string;
  /** Tells the plugin that Berth calls; empty where plugins are given none. */
  readonly token: string;
  /** `monitoring.Webhook`: see {@link initMethodOf} */
  readonly resourceType: string;
  readonly options: Record<string, unknown>;
  readonly domainId: string;
  /** In milliseconds since 1970. */
  readonly deadline: number;
}

/** Calls plugins. */
@Injectable()
export class PluginClient implements OnApplicationShutdown {
  private readonly clients = new Map<string, Client>();

  /**
   * What the plugin says of itself: the `metadata` of its `init`.
   *
   * @throws PluginAnswer what the plugin answers instead
   * @throws BerthError ERROR_PLUGIN_FAILURE where it does not answer
   */
  async init(call: InitCall): Promise<Record<string, unknown>> {
    const { path, encode } = initMethodOf(call.resourceType);
    const deadline = Math.min(call.deadline, Date.now() + INIT_TIMEOUT);
    const metadata = new Metadata();
    if (call.token !== '') metadata.set('token', call.token);
    return new Promise((resolve, reject) => {
      let begun = false;
      const unary = this.client(call.endpoint).makeUnaryRequest(
        path,
        ({ options, domainId }: InitCall) => encode(options, domainId),
        (bytes: Buffer) => InitResponse.decode(bytes),
        call,
        metadata,
        { deadline },
        (error: ServiceError | null, response?: InitResponse) => {
          if (error === null) return resolve(response?.metadata ?? {});
          const { code, details } = error;
          if (begun || isAnswer(error)) return reject(new PluginAnswer(code, details));
          reject(pluginCallFailed(call.pluginId, call.endpoint, `${status[code]}: ${details}`));
        },
      );
      unary.once('metadata', () => (begun = true));
    });
  }

  onApplicationShutdown(): void {
    for (const client of this.clients.values()) client.close();
    this.clients.clear();
  }

  private client(endpoint: string): Client {
    const known = this.clients.get(endpoint);
    this.clients.delete(endpoint);
    const target = grpcTarget(endpoint);
    const client = known ?? new Client(target.host, target.credentials);
    this.clients.set(endpoint, client);
    const [oldest] = this.clients;
    if (this.clients.size > MAX_CLIENTS && oldest !== undefined) {
      this.clients.delete(oldest[0]);
      oldest[1].close();
    }
    return client;
  }
}

/** Whether a server has sent it: what the client says itself, of a connection or of its own deadline, has no headers. */
const isAnswer = ({ metadata }: ServiceError): boolean => metadata.get('content-type').length > 0;
