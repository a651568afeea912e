import { readFileSync, statSync } from 'node:fs';
import { Logger } from '@nestjs/common';
import { parse } from 'yaml';
import { Catalog, type CatalogPlugin } from './catalog.js';
import { readCatalog } from './file-catalog.schema.js';

/** How old an answer may be before the file is looked at again, in milliseconds. */
const FRESH = 1_000;

/**
 * A catalog in a YAML file. A changed file is read again; one that became unreadable is named in the log, and the last
 * good state goes on.
 */
export class FileCatalog extends Catalog {
  private readonly logger = new Logger(FileCatalog.name);
  private plugins: Map<string, CatalogPlugin>;
  private modified: number;
  private lookedAt: number;

  /** @throws Error naming the file and the key at fault */
  constructor(
    private readonly path: string,
    private readonly now: () => number = Date.now,
  ) {
    super();
    this.modified = statSync(path).mtimeMs;
    this.plugins = this.read();
    this.lookedAt = this.now();
  }

  override find(pluginId: string): Promise<CatalogPlugin | undefined> {
    if (this.now() - this.lookedAt >= FRESH) this.readIfChanged();
    return Promise.resolve(this.plugins.get(pluginId));
  }

  private readIfChanged(): void {
    this.lookedAt = this.now();
    try {
      const modified = statSync(this.path).mtimeMs;
      if (modified === this.modified) return;
      this.modified = modified;
      this.plugins = this.read();
      this.logger.log({ msg: 'The catalog was read again.', path: this.path, plugins: this.plugins.size });
    } catch (error) {
      this.logger.error({
        msg: 'The catalog cannot be read; the last good one stays.',
        path: this.path,
        reason: String(error),
      });
    }
  }

  private read(): Map<string, CatalogPlugin> {
    try {
      return new Map(readCatalog(parse(readFileSync(this.path, 'utf8'))).map((plugin) => [plugin.pluginId, plugin]));
    } catch (error) {
      throw new Error(`The catalog ${this.path} is not usable: ${(error as Error).message}`, { cause: error });
    }
  }
}
