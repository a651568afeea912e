import { Injectable } from '@nestjs/common';

/** Calls that came until a time, in milliseconds since 1970. */
export interface Fresh {
  readonly calls: readonly (readonly [id: string, at: Date])[];
  readonly until: number;
}

/** Which bindings have been handed out by this process lately. */
@Injectable()
export class CallLog {
  /**
   * When this began, in milliseconds since 1970. Times are kept as what has passed since: small integers, which are no
   * objects for the garbage collector, where each call of another binding would leave one behind.
   */
  private readonly origin = Date.now();
  private readonly calls = new Map<string, number>();
  private written = 0;

  /** An endpoint was handed out for the binding. */
  note(bindingId: string): void {
    this.calls.set(bindingId, Date.now() - this.origin);
  }

  /** When an endpoint was last handed out for the binding, in milliseconds since 1970; 0 when that is long ago. */
  last(bindingId: string): number {
    const at = this.calls.get(bindingId);
    return at === undefined ? 0 : this.origin + at;
  }

  /** The calls that are not written down yet, each binding's newest alone. */
  fresh(): Fresh {
    const until = Date.now();
    const since = this.written - this.origin;
    const calls = [...this.calls].filter(([, at]) => at >= since);
    return { calls: calls.map(([id, at]) => [id, new Date(this.origin + at)] as const), until };
  }

  /**
   * They are written down now. What is older than `forget` is forgotten, unless it is still to be written.
   *
   * @param forget milliseconds since 1970
   */
  settle({ until }: Fresh, forget: number): void {
    this.written = until;
    const before = Math.min(forget, until) - this.origin;
    for (const [id, at] of this.calls) if (at < before) this.calls.delete(id);
  }
}
