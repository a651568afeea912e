import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js';
import {
  type DomainRequest,
  type DomainSecretInfo,
  DomainService,
} from '../../src/generated/spaceone/api/identity/v2/domain.js';

/** Cloudforet's identity service, as far as Berth asks it: a key for each domain. */
export class IdentityService {
  /** The public key of each domain, as text. */
  readonly keys = new Map<string, string>();
  /** The domains that it was asked for. */
  readonly asked: string[] = [];
  private server: Server | undefined;
  private port = 0;

  /** `grpc://host:port`: the same after each start. */
  get address(): string {
    return `grpc://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const server = new Server();
    server.addService(DomainService, {
      getPublicKey: (
        { request }: ServerUnaryCall<DomainRequest, DomainSecretInfo>,
        answer: sendUnaryData<DomainSecretInfo>,
      ) => {
        const domainId = request.domain_id ?? '';
        this.asked.push(domainId);
        const key = this.keys.get(domainId);
        if (key === undefined) answer({ code: status.NOT_FOUND, details: 'ERROR_NOT_FOUND: no such domain' });
        else answer(null, { public_key: key });
      },
    });
    this.port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(`127.0.0.1:${this.port}`, ServerCredentials.createInsecure(), (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
    this.server = server;
  }

  stop(): void {
    this.server?.forceShutdown();
  }
}
