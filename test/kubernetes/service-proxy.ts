import { connect, createServer, type Server } from 'node:net';
import type { ObjectStore, Stored } from './object-store.js';

const PORT = 50_051;

/** Makes the address of each Service lead to one of its ready Pods, as every node does. */
export class ServiceProxy {
  private readonly servers = new Map<string, Server>();

  constructor(private readonly store: ObjectStore) {
    store.listen(({ type, object }) => {
      if (object.kind !== 'Service') return;
      const ip = object.spec?.['clusterIP'] as string | undefined;
      if (type === 'DELETED') this.stop(object.metadata.name);
      else if (ip !== undefined && ip !== 'None') this.serve(object, ip);
    });
  }

  close(): void {
    for (const name of this.servers.keys()) this.stop(name);
  }

  private serve({ metadata }: Stored, ip: string): void {
    if (this.servers.has(metadata.name)) return;
    const server = createServer((client) => {
      const slice = this.store.get('EndpointSlice', `${metadata.name}-slice`);
      const endpoints = (slice?.['endpoints'] ?? []) as { addresses: string[]; conditions: { ready: boolean } }[];
      const host = endpoints.find(({ conditions }) => conditions.ready)?.addresses[0];
      if (host === undefined) return client.resetAndDestroy();
      const pod = connect({ host, port: PORT });
      pod.on('error', () => client.destroy());
      client.on('error', () => pod.destroy());
      client.pipe(pod).pipe(client);
    });
    this.servers.set(
      metadata.name,
      server.listen(PORT, ip).on('error', () => undefined),
    );
  }

  private stop(name: string): void {
    this.servers.get(name)?.close();
    this.servers.delete(name);
  }
}
