import { Injectable } from '@nestjs/common';

/** Which bindings have been handed out by this process lately. */
@Injectable()
export class CallLog {
  private readonly calls = new Map<string, number>();

  /** An endpoint was handed out for the binding. */
  note(bindingId: string): void {
    this.calls.set(bindingId, Date.now());
  }

  /** When an endpoint was last handed out for the binding, in milliseconds since 1970; 0 when that is long ago. */
  last(bindingId: string): number {
    return this.calls.get(bindingId) ?? 0;
  }
}
