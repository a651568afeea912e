import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Plugin: takes along the maps that tsc wrote beside its files, so that stacks name the sources. */
export const mapsOfSources = () => ({
  name: 'maps-of-sources',
  load(id) {
    if (!id.endsWith('.js') || id.includes('node_modules')) return null;
    try {
      return { code: readFileSync(id, 'utf8'), map: JSON.parse(readFileSync(`${id}.map`, 'utf8')) };
    } catch {
      return null;
    }
  },
});

/** Takes the sources out of maps: places are all that stacks need of them. @param {string} directory */
export function dropSources(directory) {
  for (const name of readdirSync(directory)) {
    if (!name.endsWith('.map')) continue;
    const { sourcesContent: _, ...map } = JSON.parse(readFileSync(join(directory, name), 'utf8'));
    writeFileSync(join(directory, name), JSON.stringify(map));
  }
}
