import { Injectable } from '@nestjs/common';

/** Which bindings have been handed out by this process lately. */
@Injectable()
export class CallLog {
  private readonly calls = new Map<string, number>();
  private drained = 0;

  /** An endpoint was handed out for the binding. */
  note(bindingId: string): void {
    this.calls.set(bindingId, Date.now());
  }

  /** When an endpoint was last handed out for the binding, in milliseconds since 1970; 0 when that is long ago. */
  last(bindingId: string): number {
    return this.calls.get(bindingId) ?? 0;
  }

  /**
   * The calls that came since the last time, each binding's newest alone. What is older than `forget` is forgotten.
   *
   * @param forget milliseconds since 1970
   */
  drain(forget: number): (readonly [id: string, at: Date])[] {
    const since = this.drained;
    this.drained = Date.now();
    const fresh: (readonly [string, Date])[] = [];
    for (const [id, at] of this.calls) {
      if (at >= since) fresh.push([id, new Date(at)]);
      else if (at < forget) this.calls.delete(id);
    }
    return fresh;
  }
}
