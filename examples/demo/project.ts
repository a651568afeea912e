import { join } from 'node:path';

/** The project's folder: this program runs in dist/examples/demo. */
export const projectRoot = join(import.meta.dirname, '../../..');
