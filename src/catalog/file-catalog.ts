import { readFileSync, statSync } from 'node:fs';
import { Logger } from '@nestjs/common';
import { parse } from 'yaml';
import { Catalog, type CatalogPlugin } from './catalog.js';
import { readCatalog } from './read-catalog.js';

/** How old an answer may be before the file is looked at again, in milliseconds. */
const FRESH = 1_000;

/**
 * A catalog in a YAML file. A changed file is read again; one that became unreadable is named in the log, and the last
 * good state goes on.
 */
export class FileCatalog extends Catalog {
  private readonly logger = new Logger(FileCatalog.name);
  private plugins: ReadonlyMap<string, CatalogPlugin>;
  /** What the file was like when it was last read, or when it was found that it cannot be. */
  private seen: string;
  private lookedAt: number;

  /** @throws Error naming the file, and the key at fault */
  constructor(
    private readonly path: string,
    private readonly now: () => number = Date.now,
  ) {
    super();
    this.seen = stamp(path);
    this.plugins = read(path);
    this.lookedAt = this.now();
  }

  override find(pluginId: string): Promise<CatalogPlugin | undefined> {
    return Promise.resolve(this.current().get(pluginId));
  }

  override list(): Promise<readonly CatalogPlugin[]> {
    return Promise.resolve([...this.current().values()]);
  }

  override idleTtls(): ReadonlyMap<string, number> {
    return new Map(
      [...this.current().values()].flatMap(({ pluginId, idleTtl }) =>
        idleTtl === undefined ? [] : [[pluginId, idleTtl] as const],
      ),
    );
  }

  private current(): ReadonlyMap<string, CatalogPlugin> {
    const now = this.now();
    if (now - this.lookedAt >= FRESH) {
      this.lookedAt = now;
      this.readIfChanged();
    }
    return this.plugins;
  }

  private readIfChanged(): void {
    const { path } = this;
    const found = stamp(path);
    if (found === this.seen) return;
    this.seen = found;
    try {
      this.plugins = read(path);
      this.logger.log({ msg: 'The catalog was read again.', path, plugins: this.plugins.size });
    } catch (error) {
      this.logger.error({
        msg: 'The catalog has changed, and is not taken: the last good one stays.',
        reason: (error as Error).message,
      });
    }
  }
}

/** What differs when the file was written, or another put in its place, or when it cannot be had. */
function stamp(path: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(path);
    return `${ino} ${size} ${mtimeMs}`;
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

function read(path: string): Map<string, CatalogPlugin> {
  try {
    return new Map(readCatalog(parse(readFileSync(path, 'utf8'))).map((plugin) => [plugin.pluginId, plugin]));
  } catch (error) {
    throw new Error(`The catalog ${path} is not usable: ${(error as Error).message}`, { cause: error });
  }
}
