/** Addresses that no plugin can be at, and that must never be handed to callers: link-local, cloud metadata, any. */
const forbiddenHost = /^(169\.254\.|\[fe80:|\[fd00:ec2::|\[::ffff:a9fe:|0\.0\.0\.0$|\[::\]$)/i;

/** What is wrong with an endpoint that a supervisor names; undefined when callers may be sent to it. */
export function checkedEndpoint(endpoint: string): string | undefined {
  const form = 'must be grpc://host:port';
  let url: URL;
  try {
    // Of the schemes that WHATWG knows, so that an IPv4 address in another notation is read as what it is.
    url = new URL(endpoint.replace(/^grpcs?:\/\//, 'http://'));
  } catch {
    return form;
  }
  const bare =
    url.username === '' && url.password === '' && url.pathname === '/' && url.search === '' && url.hash === '';
  if (!/^grpcs?:\/\/[^/]+:\d+\/?$/.test(endpoint) || !bare) return form;
  return forbiddenHost.test(url.hostname) ? 'is an address that no plugin can have' : undefined;
}
