import { Client, credentials } from '@grpc/grpc-js';
import { service } from 'grpc-health-check';

const { Check } = service;

/** What grpc.health.v1 answers at the endpoint: `SERVING`, or why it does not answer. */
export function healthOf(endpoint: string): Promise<string> {
  if (Check === undefined) throw new Error('grpc-health-check has no Check');
  const client = new Client(endpoint.replace('grpc://', ''), credentials.createInsecure());
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      Check.path,
      Check.requestSerialize,
      Check.responseDeserialize,
      { service: '' },
      { deadline: Date.now() + 2_000 },
      (error, answer) => {
        client.close();
        resolve(error?.details ?? String((answer as { status?: unknown }).status));
      },
    );
  });
}
