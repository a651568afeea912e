import type { Http2Server, IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { Server } from '@grpc/grpc-js';
import { GrpcCall, type GrpcLimits, type GrpcMethod } from './grpc-call.js';

/** What grpc-js does not show of itself: the servers that it listens with, and its count of what a connection is used for. */
interface Inside {
  readonly http2Servers?: ReadonlyMap<Http2Server, unknown>;
  onStreamOpened?(stream: ServerHttp2Stream): void;
}

type OnStream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, ...more: unknown[]) => void;

/**
 * Takes the calls of some unary methods from grpc-js, on every address that the server listens on already. Compressed
 * ones are left to it, and all calls where it is not built as expected.
 *
 * @param methods by their paths: `/spaceone.api.plugin.v1.Plugin/get_plugin_endpoint`
 */
export function serveDirectly(server: Server, methods: ReadonlyMap<string, GrpcMethod>, limits: GrpcLimits): void {
  const inside = server as unknown as Inside;
  for (const listening of inside.http2Servers?.keys() ?? []) {
    const others = listening.listeners('stream') as OnStream[];
    listening.removeAllListeners('stream');
    const onStream: OnStream = (stream, headers, ...more) => {
      const method = isPlain(headers) ? methods.get(headers[':path'] ?? '') : undefined;
      if (method === undefined) return others.forEach((serve) => serve(stream, headers, ...more));
      // Else the connection would be closed as idle.
      inside.onStreamOpened?.(stream);
      new GrpcCall(stream, headers, method, limits);
    };
    listening.on('stream', onStream);
  }
}

function isPlain(headers: IncomingHttpHeaders): boolean {
  const encoding = headers['grpc-encoding'];
  return (
    headers['content-type']?.startsWith('application/grpc') === true &&
    (encoding === undefined || encoding === 'identity')
  );
}
