import { Client, credentials } from '@grpc/grpc-js';
import { service } from 'grpc-health-check';

const check = service['Check'];
if (check === undefined) throw new Error('grpc-health-check has no Check');

/** What grpc.health.v1 answers at the endpoint: `SERVING`, or why it does not answer. */
export function healthOf(endpoint: string): Promise<string> {
  const client = new Client(endpoint.replace('grpc://', ''), credentials.createInsecure());
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      check.path,
      check.requestSerialize,
      check.responseDeserialize,
      { service: '' },
      { deadline: Date.now() + 2_000 },
      (error, answer) => {
        client.close();
        resolve(error?.details ?? String((answer as { status?: unknown }).status));
      },
    );
  });
}
