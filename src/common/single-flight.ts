/** Lets concurrent calls with the same key share one run, and its result or error. */
export class SingleFlight<T> {
  private readonly running = new Map<string, Promise<T>>();

  run(key: string, task: () => Promise<T>): Promise<T> {
    const known = this.running.get(key);
    if (known !== undefined) return known;
    const started = task().finally(() => this.running.delete(key));
    this.running.set(key, started);
    return started;
  }
}
