import { credentials, type ChannelCredentials } from '@grpc/grpc-js';

/** Schemes of addresses with TLS: the one that Cloudforet's clients know, and one that others use. */
const SECURE = /^(?:grpc\+ssl|grpcs):\/\//;

/** What is said of an address that has another form. */
export const ADDRESS_FORM = 'must be grpc://host:port, or grpc+ssl://host:port over TLS';

/** Whether a text names a service, and not a file. */
export const isGrpcScheme = (text: string): boolean => /^(?:grpc|grpcs|grpc\+ssl):/.test(text);

/** Whether it is a scheme, a host and a port, and nothing else. */
export const isGrpcAddress = (text: string): boolean => /^(?:grpc|grpcs|grpc\+ssl):\/\/[^/\s?#@]+:\d+$/.test(text);

/** Whether the endpoint has TLS. */
export const isSecure = (endpoint: string): boolean => SECURE.test(endpoint);

/** An endpoint with TLS by the scheme that every caller knows: Cloudforet's clients refuse any but these two. */
export const withKnownScheme = (endpoint: string): string => endpoint.replace(SECURE, 'grpc+ssl://');

/** How a service is reached. */
export interface GrpcTarget {
  /** `host:port` */
  readonly host: string;
  /** Over TLS the service is known by the authorities that Node.js trusts. */
  readonly credentials: ChannelCredentials;
}

/** @param address `grpc://host:port`, or `grpc+ssl://host:port` over TLS @throws TypeError where it cannot be read */
export function grpcTarget(address: string): GrpcTarget {
  const { host } = new URL(address);
  return { host, credentials: isSecure(address) ? credentials.createSsl() : credentials.createInsecure() };
}
