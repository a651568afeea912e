import {
  type sendUnaryData,
  type Server,
  type ServerUnaryCall,
  type ServerWritableStream,
  status,
} from '@grpc/grpc-js';
import { guardedService } from '../common/grpc/service-definition.js';
import { UnreadableRequest } from '../common/grpc/unreadable-request.js';
import {
  type HealthCheckRequest,
  type HealthCheckResponse,
  HealthCheckResponse_ServingStatus as ServingStatus,
  type HealthListResponse,
  HealthService,
} from '../generated/grpc/health/v1/health.js';

type CheckCall = ServerUnaryCall<HealthCheckRequest | UnreadableRequest, HealthCheckResponse>;
type WatchCall = ServerWritableStream<HealthCheckRequest | UnreadableRequest, HealthCheckResponse>;

/**
 * The service grpc.health.v1.Health with the states of some services. The package `grpc-health-check` does the same with
 * a compiler of protobuf files, which takes longer to load than everything else about health.
 *
 * Source of the behaviour: https://github.com/grpc/grpc/blob/master/doc/health-checking.md
 */
export class GrpcHealth {
  private readonly states = new Map<string, ServingStatus>();
  private readonly watchers = new Set<{ readonly service: string; readonly call: WatchCall }>();

  /** Tells the state of a service, by its full name (empty: the server as a whole), to callers and watchers. */
  set(service: string, state: ServingStatus): void {
    if (this.states.get(service) === state) return;
    this.states.set(service, state);
    for (const watcher of this.watchers) if (watcher.service === service) watcher.call.write({ status: state });
  }

  addTo(server: Server): void {
    server.addService(guardedService(HealthService), {
      Check: (call: CheckCall, answer: sendUnaryData<HealthCheckResponse>) => this.check(call.request, answer),
      Watch: (call: WatchCall) => this.watch(call),
      List: (_: unknown, answer: sendUnaryData<HealthListResponse>) => answer(null, { statuses: this.list() }),
    });
  }

  private check(request: HealthCheckRequest | UnreadableRequest, answer: sendUnaryData<HealthCheckResponse>): void {
    if (request instanceof UnreadableRequest) return answer(refusal(request));
    const state = this.states.get(nameIn(request));
    if (state !== undefined) return answer(null, { status: state });
    const details = `ERROR_NOT_FOUND: There is no such service. (service = ${nameIn(request)})`;
    answer({ code: status.NOT_FOUND, details });
  }

  private watch(call: WatchCall): void {
    const { request } = call;
    if (request instanceof UnreadableRequest) {
      call.emit('error', refusal(request));
      return;
    }
    const watcher = { service: nameIn(request), call };
    this.watchers.add(watcher);
    for (const end of ['cancelled', 'close']) call.once(end, () => this.watchers.delete(watcher));
    call.write({ status: this.states.get(watcher.service) ?? ServingStatus.SERVICE_UNKNOWN });
  }

  private list(): Record<string, HealthCheckResponse> {
    return Object.fromEntries([...this.states].map(([service, state]) => [service, { status: state }]));
  }
}

const nameIn = ({ service = '' }: HealthCheckRequest): string => service;

const refusal = ({ error }: UnreadableRequest) => ({ code: error.status, details: `${error.code}: ${error.message}` });
