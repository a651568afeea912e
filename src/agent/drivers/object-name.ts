import { createHash } from 'node:crypto';
import type { PluginKey } from './driver.js';

/** Kubernetes puts up to 17 characters behind the name of a Deployment, and wants no more than 63 in all. */
const MAX_NAME = 46;
const HASH = 10;

/**
 * The name of what belongs to one launch: readable, and the same whenever it is asked for. Valid as a DNS label, which
 * the names of Services and of containers have to be.
 */
export function objectName({ plugin_id, version }: PluginKey, launchId: string): string {
  const slug = `${plugin_id}-${version}`
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, MAX_NAME - HASH - 1)
    .replace(/-+$/, '');
  return `${slug || 'plugin'}-${shortHash(launchId)}`;
}

/** Ten characters that stand for any text. */
export const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, HASH);
