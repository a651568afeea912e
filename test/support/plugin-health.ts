import { Client, credentials } from '@grpc/grpc-js';
import { type HealthCheckResponse, HealthService } from '../../src/generated/grpc/health/v1/health.js';

const { check, watch } = HealthService;

/** What grpc.health.v1 answers at the endpoint within the time in milliseconds: `SERVING`, or why it does not answer. */
export function healthOf(endpoint: string, time = 30_000): Promise<string> {
  const client = new Client(endpoint.replace('grpc://', ''), credentials.createInsecure());
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      check.path,
      check.requestSerialize,
      check.responseDeserialize,
      { service: '' },
      { deadline: Date.now() + time },
      (error, answer) => {
        client.close();
        resolve(error?.details ?? String(answer?.status));
      },
    );
  });
}

/** Tells each state that grpc.health.v1 has of a service at the address, until it is closed or the stream ends. */
export function watchHealth(address: string, name: string, tell: (state: string) => void): { close(): void } {
  const client = new Client(address, credentials.createInsecure());
  const stream = client.makeServerStreamRequest(watch.path, watch.requestSerialize, watch.responseDeserialize, {
    service: name,
  });
  stream.on('data', ({ status }: HealthCheckResponse) => tell(String(status)));
  stream.on('error', () => undefined);
  return {
    close: () => {
      stream.cancel();
      client.close();
    },
  };
}
