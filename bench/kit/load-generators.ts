import { type GrpcRequest, H2Load } from './h2load.js';
import { installed, type LoadGenerator } from './load.js';
import { NodeGrpcLoad, NodeHttpLoad } from './node-load.js';
import { type RestRequest, Wrk } from './wrk.js';

/** The best sender of gRPC requests that this machine has. */
export function grpcLoad(request: GrpcRequest): LoadGenerator {
  return installed('h2load') ? new H2Load(request) : new NodeGrpcLoad(request);
}

/** The best sender of REST requests that this machine has. `rated` where requests have to be sent at a rate. */
export function restLoad(request: RestRequest, rated = false): LoadGenerator {
  return installed('wrk') && !rated ? new Wrk(request) : new NodeHttpLoad(request);
}
