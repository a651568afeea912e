import { readFile } from 'node:fs/promises';
import { type ChannelCredentials, credentials, Metadata } from '@grpc/grpc-js';
import type { LinkCredentials } from '../config/agent.config.js';

/** What one attempt to connect shows, and whom it trusts. */
export interface LinkIdentity {
  readonly channel: ChannelCredentials;
  readonly metadata: Metadata;
}

/**
 * Reads what the agent identifies itself with, anew for each attempt: tokens and certificates are renewed in their files.
 *
 * @throws Error naming the file that cannot be read
 */
export async function readCredentials(given: LinkCredentials): Promise<LinkIdentity> {
  const [tokenText, ca, cert, key] = await Promise.all(
    [given.tokenFile, given.tlsCa, given.tlsCert, given.tlsKey].map(async (path) => path && readFile(path)),
  );
  const token = given.token ?? tokenText?.toString().trim();
  const metadata = new Metadata();
  if (token) metadata.set('token', token);
  const secure = given.tls === true || ca !== undefined || cert !== undefined;
  return {
    channel: secure ? credentials.createSsl(pem(ca), pem(key), pem(cert)) : credentials.createInsecure(),
    metadata,
  };
}

const pem = (file: Buffer | '' | undefined) => file || null;
