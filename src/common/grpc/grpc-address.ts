import { type ChannelCredentials, credentials } from '@grpc/grpc-js';

/** `grpc+ssl` is the one scheme with TLS that Cloudforet's clients know; `grpcs` is what others write. */
const SCHEME = /^(grpc|grpc\+ssl|grpcs):\/\//;
const SECURE = /^(?:grpc\+ssl|grpcs):\/\//;
const ADDRESS = /^(?:grpc|grpc\+ssl|grpcs):\/\/[^/\s?#]+:\d+$/;

/** What an address must be, for people. */
export const ADDRESS_FORM = 'must be grpc://host:port, or grpc+ssl://host:port over TLS';

/** Whether the text means a service, and nothing else that a setting may name. */
export const isGrpcScheme = (text: string): boolean => /^grpc(?:s|\+\w*)?:/.test(text);

/** Whether it is a scheme, a host and a port, and nothing else. */
export const isGrpcAddress = (text: string): boolean => ADDRESS.test(text);

/** Whether what is there speaks TLS. */
export const isSecure = (address: string): boolean => SECURE.test(address);

/** `host:port` of an address, which may have no scheme. */
export const withoutScheme = (address: string): string => address.replace(SCHEME, '');

/** The address as every caller reads it: Cloudforet's clients refuse any scheme but `grpc` and `grpc+ssl`. */
export const withKnownScheme = (address: string): string => address.replace(SECURE, 'grpc+ssl://');

/**
 * Its parts. An IPv4 address in another notation is read as what it is.
 *
 * @throws TypeError where it cannot be read
 */
export const urlOf = (address: string): URL => new URL(address.replace(SCHEME, 'http://'));

/** Where to connect to. */
export function hostAndPort(address: string): { host: string; port: number } {
  const { hostname, port } = urlOf(address);
  // What is the default for HTTP is not told apart from none.
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80) };
}

/** How a service is reached. */
export interface GrpcTarget {
  /** `host:port` */
  readonly host: string;
  /** Over TLS, what the authorities vouch for that Node.js trusts. */
  readonly credentials: ChannelCredentials;
}

export function grpcTarget(address: string): GrpcTarget {
  return {
    host: withoutScheme(address),
    credentials: isSecure(address) ? credentials.createSsl() : credentials.createInsecure(),
  };
}
