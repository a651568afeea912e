import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { Reflector, Reflectors } from './reflectors.js';
import type { ServedService } from './unary-service.js';

const PROTOCOLS = ['grpc.reflection.v1.ServerReflection', 'grpc.reflection.v1alpha.ServerReflection'];

/**
 * Server reflection that costs nothing until somebody asks: what it needs is loaded at the first question.
 *
 * @param services the full names that are listed
 */
export function reflection(services: readonly string[]): ServedService[] {
  let loading: Promise<Reflectors> | undefined;
  const load = () => (loading ??= import('./reflectors.js').then(({ loadReflectors }) => loadReflectors(services)));
  return PROTOCOLS.map((name) => lazyService(name, load));
}

function lazyService(name: string, load: () => Promise<Reflectors>): ServedService {
  const path = `/${name}/ServerReflectionInfo`;
  let reflector: Reflector | undefined;
  // Nothing of a stream is read, and so nothing is decoded, before its handler listens: by then all is loaded.
  const loaded = (): Reflector => {
    if (reflector === undefined) throw new Error('Reflection is not loaded yet.');
    return reflector;
  };
  const answer = async (call: ServerDuplexStream<unknown, unknown>): Promise<void> => {
    reflector ??= (await load()).get(path);
    loaded().handler(call);
  };
  return {
    name,
    definition: {
      info: {
        path,
        requestStream: true,
        responseStream: true,
        requestSerialize: (value: unknown) => loaded().method.requestSerialize(value),
        requestDeserialize: (bytes: Buffer) => loaded().method.requestDeserialize(bytes),
        responseSerialize: (value: unknown) => loaded().method.responseSerialize(value),
        responseDeserialize: (bytes: Buffer) => loaded().method.responseDeserialize(bytes),
      },
    },
    handlers: {
      info: (call: ServerDuplexStream<unknown, unknown>) => {
        answer(call).catch((error: unknown) => call.destroy(error as Error));
      },
    },
  };
}
