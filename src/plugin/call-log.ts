import { Injectable } from '@nestjs/common';

/** Calls that came until a time, in milliseconds since 1970. */
export interface Fresh {
  readonly calls: readonly (readonly [id: string, at: Date])[];
  readonly until: number;
}

/** Which bindings have been handed out by this process lately. */
@Injectable()
export class CallLog {
  private readonly calls = new Map<string, number>();
  private written = 0;

  /** An endpoint was handed out for the binding. */
  note(bindingId: string): void {
    this.calls.set(bindingId, Date.now());
  }

  /** When an endpoint was last handed out for the binding, in milliseconds since 1970; 0 when that is long ago. */
  last(bindingId: string): number {
    return this.calls.get(bindingId) ?? 0;
  }

  /** The calls that are not written down yet, each binding's newest alone. */
  fresh(): Fresh {
    const until = Date.now();
    const calls = [...this.calls].filter(([, at]) => at >= this.written).map(([id, at]) => [id, new Date(at)] as const);
    return { calls, until };
  }

  /**
   * They are written down now. What is older than `forget` is forgotten, unless it is still to be written.
   *
   * @param forget milliseconds since 1970
   */
  settle({ until }: Fresh, forget: number): void {
    this.written = until;
    for (const [id, at] of this.calls) if (at < Math.min(forget, until)) this.calls.delete(id);
  }
}
