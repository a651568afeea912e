import { createHash } from 'node:crypto';
import type { PluginKey } from '../driver.js';

/** Kubernetes puts up to 17 characters behind the name of a Deployment, and wants no more than 63 in all. */
const MAX_NAME = 46;
const MAX_LABEL = 63;
const HASH = 10;

/**
 * The name of all objects of one launch: readable, and the same whenever it is asked for. Valid as a DNS label, which the
 * name of a Service has to be.
 */
export function objectName({ plugin_id, version }: PluginKey, launchId: string): string {
  const slug = `${plugin_id}-${version}`
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, MAX_NAME - HASH - 1)
    .replace(/-+$/, '');
  return `${slug || 'plugin'}-${hash(launchId)}`;
}

/** The value of a label: itself where Kubernetes allows it, else shortened, with a hash that keeps it unique. */
export function labelValue(value: string): string {
  if (value.length <= MAX_LABEL && /^(?:[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)?$/.test(value)) return value;
  const slug = value
    .replace(/[^\w.-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, MAX_LABEL - HASH - 1)
    .replace(/[^A-Za-z0-9]+$/, '');
  return slug === '' ? hash(value) : `${slug}-${hash(value)}`;
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, HASH);
