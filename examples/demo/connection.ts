import { Client, credentials, type MethodDefinition, type ServiceError } from '@grpc/grpc-js';
import { HealthService } from '../../src/generated/grpc/health/v1/health.js';

/** How long any call may take, in milliseconds. */
const DEADLINE = 30_000;

type Method<Request, Response> = Pick<
  MethodDefinition<Request, Response>,
  'path' | 'requestSerialize' | 'responseDeserialize'
>;

/** A gRPC connection to the server, or to a plugin. */
export class Connection {
  private readonly client: Client;

  /** @param address `host:port`, or an endpoint as Berth answers it: `grpc://host:port` */
  constructor(address: string) {
    this.client = new Client(address.replace('grpc://', ''), credentials.createInsecure(), {
      'grpc.enable_http_proxy': 0,
    });
  }

  /** @throws ServiceError */
  call<Request, Response>(method: Method<Request, Response>, request: Request): Promise<Response> {
    return new Promise((resolve, reject) => {
      const answered = (error: ServiceError | null, response?: Response) => {
        if (error !== null) reject(error);
        else if (response !== undefined) resolve(response);
      };
      const { path, requestSerialize, responseDeserialize } = method;
      const deadline = Date.now() + DEADLINE;
      this.client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, { deadline }, answered);
    });
  }

  /** What grpc.health.v1 answers for the whole server: `SERVING`, one hopes. */
  async health(): Promise<unknown> {
    const { status } = await this.call(HealthService.check, { service: '' });
    return status;
  }

  close(): void {
    this.client.close();
  }
}

/** Uses a connection for a while. */
export async function connected<T>(address: string, use: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = new Connection(address);
  try {
    return await use(connection);
  } finally {
    connection.close();
  }
}
