import { createHash } from 'node:crypto';
import type { PluginKey } from './drivers/driver.js';

/** How people and maps name one plugin and version. */
export const keyText = (key: PluginKey): string => `${key.plugin_id}@${key.version}`;

/** File systems refuse names of more bytes than this, extensions included. */
const LONGEST_STEM = 200;

/**
 * A file name (without extension) that belongs to this plugin and version alone, whatever characters they hold: readable
 * where they are harmless, with a digest where they are not or are too long.
 */
export function fileStemOf(key: PluginKey): string {
  const plain = keyText(key);
  const safe = plain.replaceAll(/[^\w.@+-]/g, '_');
  const unambiguous = safe === plain && plain.split('@').length === 2 && !plain.startsWith('.');
  if (unambiguous && plain.length <= LONGEST_STEM && plain === plain.toLowerCase()) return plain;
  const digest = createHash('sha256')
    .update(JSON.stringify([key.plugin_id, key.version]))
    .digest('hex');
  return `_${safe.slice(0, LONGEST_STEM - 40)}_${digest.slice(0, 32)}`;
}
