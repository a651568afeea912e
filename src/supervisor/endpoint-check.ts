import { ADDRESS_FORM, isGrpcAddress, urlOf } from '../common/grpc/grpc-address.js';

/** Addresses that no plugin can be at, and that must never be handed to callers: link-local, cloud metadata, any. */
const forbiddenHost = /^(169\.254\.|\[fe80:|\[fd00:ec2::|\[::ffff:a9fe:|0\.0\.0\.0$|\[::\])/i;

/** What is wrong with an endpoint that a supervisor names; undefined when callers may be sent to it. */
export function checkedEndpoint(endpoint: string): string | undefined {
  let url: URL;
  try {
    url = urlOf(endpoint);
  } catch {
    return ADDRESS_FORM;
  }
  const named = url.username !== '' || url.password !== '';
  if (!isGrpcAddress(endpoint.replace(/\/$/, '')) || named) return ADDRESS_FORM;
  return forbiddenHost.test(url.hostname) ? 'is an address that no plugin can have' : undefined;
}
