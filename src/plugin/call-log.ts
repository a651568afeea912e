import { Injectable } from '@nestjs/common';

/** Calls that came until a time, in milliseconds since 1970. */
export interface Fresh {
  readonly calls: readonly (readonly [id: string, at: Date])[];
  readonly until: number;
}

/** When an endpoint was last handed out for a binding, by this process. */
export interface Call {
  /** The binding's. */
  readonly id: string;
  /**
   * In milliseconds since the log began: a small integer, which is no object for the garbage collector, where each call of
   * another binding would leave one behind.
   */
  at: number;
  /** It is not written down yet. */
  fresh: boolean;
}

/** Which bindings have been handed out by this process lately. */
@Injectable()
export class CallLog {
  private readonly origin = Date.now();
  private readonly calls = new Map<string, Call>();
  private unwritten: Call[] = [];

  /** What is to be noted whenever an endpoint is handed out for the binding. */
  of(bindingId: string): Call {
    return this.calls.get(bindingId) ?? { id: bindingId, at: 0, fresh: false };
  }

  /** An endpoint was handed out for the binding. */
  note(call: Call): void {
    call.at = Date.now() - this.origin;
    if (call.fresh) return;
    call.fresh = true;
    this.calls.set(call.id, call);
    this.unwritten.push(call);
  }

  /** When an endpoint was last handed out for the binding, in milliseconds since 1970; 0 when that is long ago. */
  last(bindingId: string): number {
    const call = this.calls.get(bindingId);
    return call === undefined ? 0 : this.origin + call.at;
  }

  /** The calls that are not written down yet, each binding's newest alone. */
  fresh(): Fresh {
    const until = Date.now();
    return { calls: this.unwritten.map(({ id, at }) => [id, new Date(this.origin + at)] as const), until };
  }

  /**
   * They are written down now. What is older than `forget` is forgotten, unless it is still to be written.
   *
   * @param forget milliseconds since 1970
   */
  settle({ until }: Fresh, forget: number): void {
    const later = until - this.origin;
    for (const call of this.unwritten) call.fresh = call.at >= later;
    this.unwritten = this.unwritten.filter(({ fresh }) => fresh);
    const before = forget - this.origin;
    for (const [id, { at, fresh }] of this.calls) if (at < before && !fresh) this.calls.delete(id);
  }
}
