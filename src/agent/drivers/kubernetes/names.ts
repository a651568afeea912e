import { shortHash } from '../object-name.js';

const MAX_LABEL = 63;
const HASH = 10;

/** The value of a label: itself where Kubernetes allows it, else shortened, with a hash that keeps it unique. */
export function labelValue(value: string): string {
  if (value.length <= MAX_LABEL && /^(?:[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)?$/.test(value)) return value;
  const slug = value
    .replace(/[^\w.-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, MAX_LABEL - HASH - 1)
    .replace(/[^A-Za-z0-9]+$/, '');
  return slug === '' ? shortHash(value) : `${slug}-${shortHash(value)}`;
}
