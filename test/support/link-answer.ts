import { credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { SupervisorLinkClient } from '../../src/generated/berth/link/v1/link.js';

/** How the link answered: the status by name, and what the error says. */
export interface LinkAnswer {
  readonly status: string;
  readonly message?: string;
}

/** What the link at the address answers an agent that says hello with the token, as a supervisor of the domain. */
export async function linkAnswer(address: string, token: string | undefined, domainId: string): Promise<LinkAnswer> {
  const client = new SupervisorLinkClient(address, credentials.createInsecure());
  const metadata = new Metadata();
  if (token !== undefined) metadata.set('token', token);
  const stream = client.connect(metadata);
  try {
    return await new Promise((resolve) => {
      stream.on('data', () => resolve({ status: 'OK' }));
      stream.on('error', (error: ServiceError) =>
        resolve({ status: status[error.code] ?? '', message: error.details }),
      );
      stream.write({ hello: { name: 'n', hostname: 'h', domain_id: domainId, driver: 'process' } });
    });
  } finally {
    stream.cancel();
    client.close();
  }
}
