import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { InitRequest } from '../generated/berth/plugin/v1/init.js';

/** Official types whose service has another name than their second half. */
const SERVICES: ReadonlyMap<string, string> = new Map([
  ['identity.Provider', 'AccountCollector'],
  ['identity.Domain', 'ExternalAuth'],
]);

/**
 * The number that `domain_id` has in the request of a service's `init`; undefined where it has none. By Cloudforet's API
 * package (spaceone-api 2.0.435), which says it for all official types; for others the number that it has nearly everywhere.
 */
const DOMAIN_ID_NUMBERS: ReadonlyMap<string, number | undefined> = new Map([
  ['cost_analysis', 2],
  ['inventory', undefined],
  ['monitoring', undefined],
  ['notification', undefined],
]);
const USUAL_NUMBER = 21;

const LENGTH_DELIMITED = 2;

/** How a plugin is asked what it offers. */
export interface InitMethod {
  /** `/spaceone.api.monitoring.plugin.Webhook/init` */
  readonly path: string;
  encode(options: Record<string, unknown>, domainId: string): Buffer;
}

/** @param resourceType `<service>.<Resource>`: `monitoring.Webhook` */
export function initMethodOf(resourceType: string): InitMethod {
  const [room = '', resource] = resourceType.split('.');
  const service = SERVICES.get(resourceType) ?? resource;
  const number = DOMAIN_ID_NUMBERS.has(room) ? DOMAIN_ID_NUMBERS.get(room) : USUAL_NUMBER;
  return {
    path: `/spaceone.api.${room}.plugin.${service}/init`,
    encode(options, domainId) {
      const writer = InitRequest.encode({ options }, new BinaryWriter());
      if (number !== undefined) writer.tag(number, LENGTH_DELIMITED).string(domainId);
      return Buffer.from(writer.finish());
    },
  };
}
