import { Inject, Injectable } from '@nestjs/common';
import { tooManyWaiting, unavailable } from '../common/errors/errors.js';
import { PLUGIN_OPTIONS, type PluginOptions } from './plugin.options.js';

/** Where callers wait whose answer is not at hand: bounded for each domain, so that none takes the room of the others. */
@Injectable()
export class WaitingRoom {
  private readonly perDomain = new Map<string, number>();
  private readonly answers = new Set<Promise<unknown>>();
  private closed = false;

  constructor(@Inject(PLUGIN_OPTIONS) private readonly options: PluginOptions) {}

  /**
   * Counts the caller as waiting until the answer is there.
   *
   * @throws BerthError ERROR_TOO_MANY_REQUESTS; ERROR_UNAVAILAVBLE when the server is stopping
   */
  async admit<T>(domainId: string, answer: () => Promise<T>): Promise<T> {
    if (this.closed) throw unavailable('the server is stopping');
    const waiting = this.perDomain.get(domainId) ?? 0;
    if (waiting >= this.options.queueMax) throw tooManyWaiting(domainId, this.options.queueMax);
    this.perDomain.set(domainId, waiting + 1);
    const answered = answer();
    this.answers.add(answered);
    try {
      return await answered;
    } finally {
      this.answers.delete(answered);
      this.leave(domainId);
    }
  }

  /** Takes nobody any more. Resolves when those who wait have their answers. */
  async drain(): Promise<void> {
    this.closed = true;
    await Promise.allSettled(this.answers);
  }

  private leave(domainId: string): void {
    const left = (this.perDomain.get(domainId) ?? 0) - 1;
    if (left > 0) this.perDomain.set(domainId, left);
    else this.perDomain.delete(domainId);
  }
}
