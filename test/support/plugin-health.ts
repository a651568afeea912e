import { Client, credentials } from '@grpc/grpc-js';
import { service } from 'grpc-health-check';

const { Check, Watch } = service;

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

/** Tells each state that grpc.health.v1 has of a service at the address, until it is closed or the stream ends. */
export function watchHealth(address: string, name: string, tell: (state: string) => void): { close(): void } {
  if (Watch === undefined) throw new Error('grpc-health-check has no Watch');
  const client = new Client(address, credentials.createInsecure());
  const stream = client.makeServerStreamRequest(Watch.path, Watch.requestSerialize, Watch.responseDeserialize, {
    service: name,
  });
  stream.on('data', (answer: { status?: unknown }) => tell(String(answer.status)));
  stream.on('error', () => undefined);
  return {
    close: () => {
      stream.cancel();
      client.close();
    },
  };
}
