import type { InstalledPlugin } from '../installed-plugin/installed-plugin.js';

/** An instance that bindings name. */
export class BoundInstance {
  /** As it is now; undefined while it is not known, or there is none any more. */
  plugin: InstalledPlugin | undefined;
  /** By ids. Most instances have one, for which no set is made: a set takes 350 bytes. */
  private bound: string | Set<string>;

  constructor(bindingId: string) {
    this.bound = bindingId;
  }

  get bindingIds(): Iterable<string> {
    return typeof this.bound === 'string' ? [this.bound] : this.bound;
  }

  add(bindingId: string): void {
    if (this.bound instanceof Set) this.bound.add(bindingId);
    else if (this.bound !== bindingId) this.bound = new Set([this.bound, bindingId]);
  }

  /** Returns whether no other is left. */
  delete(bindingId: string): boolean {
    if (!(this.bound instanceof Set)) return this.bound === bindingId;
    this.bound.delete(bindingId);
    return this.bound.size === 0;
  }
}

/** The instances that bindings name, by their ids. */
export class BoundInstances {
  private readonly byId = new Map<string, BoundInstance>();

  get(id: string): BoundInstance | undefined {
    return this.byId.get(id);
  }

  /** The instance, which the binding names from now on. */
  bind(id: string, bindingId: string): BoundInstance {
    const known = this.byId.get(id);
    known?.add(bindingId);
    const instance = known ?? new BoundInstance(bindingId);
    if (known === undefined) this.byId.set(id, instance);
    return instance;
  }

  /** The binding does not name the instance any more, which is forgotten with the last that does. */
  unbind(id: string, bindingId: string): void {
    if (this.byId.get(id)?.delete(bindingId) === true) this.byId.delete(id);
  }

  clear(): void {
    this.byId.clear();
  }
}
