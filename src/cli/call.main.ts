#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type ChannelCredentials, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { isSecure } from '../common/grpc/grpc-address.js';
import { callUnary, healthCheck, methodNames } from './unary-call.js';

const usage = `Calls a Berth server, or asks any gRPC server for its health.

  npm run --silent call -- [--server host:port] [--metadata key=value]… [--tls] METHOD [REQUEST as JSON]
  npm run --silent call -- health grpc://host:port

METHOD is one of ${methodNames().join(', ')}.
The server is 127.0.0.1:50051 unless told otherwise. A token goes into the metadata: --metadata token=$TOKEN.
--tls, or an address that begins with grpc+ssl://, connects over TLS; --tls-ca FILE trusts the authorities in it, --tls-cert FILE and --tls-key FILE show a certificate.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    server: { type: 'string', default: '127.0.0.1:50051' },
    metadata: { type: 'string', multiple: true, default: [] },
    tls: { type: 'boolean', default: false },
    'tls-ca': { type: 'string' },
    'tls-cert': { type: 'string' },
    'tls-key': { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const [method, argument] = positionals;

async function main(): Promise<void> {
  if (method === undefined || values.help) {
    process.stdout.write(usage);
    process.exitCode = values.help ? 0 : 2;
  } else {
    const answer =
      method === 'health'
        ? await healthCheck(argument ?? values.server, channelTo(argument ?? values.server))
        : await callUnary(
            { server: values.server, credentials: channelTo(values.server) },
            method,
            JSON.parse(argument ?? '{}'),
            metadataOf(values.metadata),
          );
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
}

main().catch((error: Partial<ServiceError> & Error) => {
  const { code, details, message } = error;
  process.stderr.write(`${code === undefined ? message : `${status[code]}: ${details}`}\n`);
  process.exitCode = 1;
});

function channelTo(address: string): ChannelCredentials {
  const [ca, key, cert] = [values['tls-ca'], values['tls-key'], values['tls-cert']].map((path) =>
    path === undefined ? null : readFileSync(path),
  );
  return values.tls || ca || cert || isSecure(address)
    ? credentials.createSsl(ca, key, cert)
    : credentials.createInsecure();
}

function metadataOf(pairs: readonly string[]): Metadata {
  const metadata = new Metadata();
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    metadata.set(at < 0 ? pair : pair.slice(0, at), at < 0 ? '' : pair.slice(at + 1));
  }
  return metadata;
}
