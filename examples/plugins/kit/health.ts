import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import { type sendUnaryData, type ServerUnaryCall, type ServerWritableStream, status } from '@grpc/grpc-js';
import type { ServedService } from './unary-service.js';

/** The values that grpc.health.v1 gives its `ServingStatus`. */
const SERVING_STATUS = { UNKNOWN: 0, SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 } as const;
type ServingStatus = keyof typeof SERVING_STATUS;

interface Request {
  readonly service: string;
}
interface Response {
  readonly status: ServingStatus;
}
type Watcher = ServerWritableStream<Request, Response>;

/** Each message has one field, and it is the first. Only a server's halves are ever called. */
const codec = {
  requestSerialize: ({ service }: Request) => Buffer.from(new BinaryWriter().uint32(0x0a).string(service).finish()),
  requestDeserialize: readRequest,
  responseSerialize: (response: Response) => Buffer.from([0x08, SERVING_STATUS[response.status]]),
  responseDeserialize: (): Response => ({ status: 'UNKNOWN' }),
};

/**
 * Health as grpc.health.v1 defines it. The package `grpc-health-check` would do, but the protobuf compiler that it
 * loads takes a third of a plugin's whole start, and every start is a caller waiting.
 */
export class Health implements ServedService {
  readonly name = 'grpc.health.v1.Health';
  readonly definition = {
    check: { path: `/${this.name}/Check`, requestStream: false, responseStream: false, ...codec },
    watch: { path: `/${this.name}/Watch`, requestStream: false, responseStream: true, ...codec },
  };
  readonly handlers = {
    check: (call: ServerUnaryCall<Request, Response>, answer: sendUnaryData<Response>) => this.check(call, answer),
    watch: (call: Watcher) => this.watch(call),
  };
  private readonly watchers = new Set<Watcher>();

  /** @param services that have a health of their own, besides the plugin's as a whole (the empty name) */
  constructor(
    private readonly services: readonly string[],
    private state: ServingStatus,
  ) {}

  /** Says how the plugin is from now on, to those who watch as well. */
  become(state: 'SERVING' | 'NOT_SERVING'): void {
    this.state = state;
    for (const watcher of this.watchers) watcher.write(this.answerTo(watcher.request));
  }

  /** Ends every watch: an open one would keep the server from ending. */
  endWatches(): void {
    for (const watcher of this.watchers) watcher.end();
  }

  private check({ request }: ServerUnaryCall<Request, Response>, answer: sendUnaryData<Response>): void {
    const response = this.answerTo(request);
    if (response.status !== 'SERVICE_UNKNOWN') return answer(null, response);
    const details = `ERROR_NOT_FOUND: There is no such service. (service = ${request.service})`;
    answer({ code: status.NOT_FOUND, details });
  }

  private watch(call: Watcher): void {
    this.watchers.add(call);
    call.once('close', () => this.watchers.delete(call)).once('cancelled', () => this.watchers.delete(call));
    call.write(this.answerTo(call.request));
  }

  private answerTo({ service }: Request): Response {
    const known = service === '' || this.services.includes(service);
    return { status: known ? this.state : 'SERVICE_UNKNOWN' };
  }
}

function readRequest(bytes: Buffer): Request {
  const reader = new BinaryReader(bytes);
  let service = '';
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1) service = reader.string();
    else reader.skip(wireType, field);
  }
  return { service };
}
