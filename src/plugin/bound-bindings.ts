/** Which bindings name an instance, by ids. Most instances have one, for which no set is made: a set takes 350 bytes. */
export class BoundBindings {
  private readonly byInstance = new Map<string, string | Set<string>>();

  add(instance: string, binding: string): void {
    const bound = this.byInstance.get(instance);
    if (bound === undefined) this.byInstance.set(instance, binding);
    else if (bound instanceof Set) bound.add(binding);
    else if (bound !== binding) this.byInstance.set(instance, new Set([bound, binding]));
  }

  /** Returns whether no other is left. */
  delete(instance: string, binding: string): boolean {
    const bound = this.byInstance.get(instance);
    if (bound instanceof Set) bound.delete(binding);
    const none = bound instanceof Set ? bound.size === 0 : bound === binding;
    if (none) this.byInstance.delete(instance);
    return none;
  }

  /** Undefined where there is none. */
  of(instance: string): Iterable<string> | undefined {
    const bound = this.byInstance.get(instance);
    return typeof bound === 'string' ? [bound] : bound;
  }

  clear(): void {
    this.byInstance.clear();
  }
}
