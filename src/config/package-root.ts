import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder that Berth is installed in: where its package.json, default catalog and example plugins are. */
export const packageRoot: string = (() => {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
})();
