import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from './atomic-file.js';
import type { PluginKey } from './drivers/driver.js';
import { parseHandle, type Handle } from './handle.js';
import { fileStemOf, keyText } from './key.js';
import { Log } from './log.js';

/** The count of a plugin that has not run for this long is forgotten. */
const FORGET_AFTER_MS = 30 * 24 * 3_600_000;

export interface LoadedHandles {
  readonly handles: readonly Handle[];
  /** Whether the handle of this plugin and version was there and could not be read. */
  lost(key: PluginKey): boolean;
}

/** Keeps one JSON file for each plugin and version under `directory`. */
export class HandleStore {
  private readonly log = new Log('HandleStore');
  private readonly pending = new Map<string, Promise<void>>();

  constructor(private readonly directory: string) {}

  /**
   * Reads all handles. What cannot be read is named in the log and set aside as `*.corrupt-<time>`: a process that
   * belonged to it is found by its mark.
   */
  async load(): Promise<LoadedHandles> {
    await mkdir(this.directory, { recursive: true });
    const names = await readdir(this.directory);
    await Promise.all(names.filter((name) => name.endsWith('.tmp')).map((name) => rm(join(this.directory, name))));
    const lost = new Set<string>();
    const read = names.filter((name) => name.endsWith('.json')).map((name) => this.read(name, lost));
    const handles = (await Promise.all(read)).filter((handle) => handle !== undefined);
    return { handles, lost: (key) => lost.has(fileName(key)) };
  }

  /** Writes a handle; writes of one key reach the disk in the order of the calls. */
  save(handle: Handle): Promise<void> {
    const key = keyText(handle);
    const write = (this.pending.get(key) ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => writeAtomically(this.pathOf(handle), `${JSON.stringify(handle, undefined, 2)}\n`));
    this.pending.set(key, write);
    const done = (): void => {
      if (this.pending.get(key) === write) this.pending.delete(key);
    };
    write.then(done, done);
    return write;
  }

  private pathOf(key: PluginKey): string {
    return join(this.directory, fileName(key));
  }

  private async read(name: string, lost: Set<string>): Promise<Handle | undefined> {
    const path = join(this.directory, name);
    try {
      const handle = parseHandle(await readFile(path, 'utf8'));
      const unused = handle.launches.length === 0 && handle.generation === 0;
      if (!unused || (await stat(path)).mtimeMs > Date.now() - FORGET_AFTER_MS) return handle;
      await rm(path);
      return undefined;
    } catch (error) {
      const aside = `${path}.corrupt-${Date.now()}`;
      await rename(path, aside);
      lost.add(name);
      this.log.error('a handle cannot be read and is set aside', (error as Error).message, { path, aside });
      return undefined;
    }
  }
}

const fileName = (key: PluginKey): string => `${fileStemOf(key)}.json`;
