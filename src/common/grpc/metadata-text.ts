import type { Metadata } from '@grpc/grpc-js';

/**
 * A metadata entry as text. Values of an entry that was sent more than once are joined by commas, as HTTP joins headers:
 * none of them is silently the one that counts.
 */
export function metadataText(metadata: Pick<Metadata, 'get'>, name: string): string | undefined {
  const values = metadata.get(name);
  return values.length > 1 ? values.join(', ') : values[0]?.toString();
}
