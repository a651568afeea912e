import type { JsonObject } from '@bufbuild/protobuf';
import { type sendUnaryData, type ServerUnaryCall, status } from '@grpc/grpc-js';
import { CloudforetServer } from './cloudforet-service.js';

/** Cloudforet's identity service, as far as Berth asks it: a key for each domain. */
export class IdentityService extends CloudforetServer {
  /** The public key of each domain, as text. */
  readonly keys = new Map<string, string>();
  /** The domains that it was asked for. */
  readonly asked: string[] = [];
  /** The token that it wants to be shown. */
  token: string | undefined;

  constructor() {
    super('spaceone.api.identity.v2.Domain', {
      get_public_key: (
        { request, metadata }: ServerUnaryCall<JsonObject, JsonObject>,
        respond: sendUnaryData<JsonObject>,
      ) => {
        const domain_id = String(request['domain_id'] ?? '');
        this.asked.push(domain_id);
        if (this.token !== undefined && metadata.get('token')[0] !== this.token) {
          return respond({ code: status.INTERNAL, details: 'ERROR_UNKNOWN: Invalid System Token' });
        }
        const public_key = this.keys.get(domain_id);
        if (public_key !== undefined) return respond(null, { domain_id, public_key });
        const details = `ERROR_NOT_FOUND: Resource cannot be found or access is denied. (domain_id = ${domain_id})`;
        respond({ code: status.NOT_FOUND, details });
      },
    });
  }
}
