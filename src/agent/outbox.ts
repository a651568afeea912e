import type { InstanceReport } from '../generated/berth/link/v1/link.js';

/**
 * Reports that wait to be sent: of each instance only the newest, in the order in which they came. What has been
 * overtaken by a newer state is of interest to nobody.
 */
export class Outbox {
  private readonly reports = new Map<string, InstanceReport>();

  put(report: InstanceReport): void {
    const key = JSON.stringify([report.plugin_id, report.version]);
    this.reports.delete(key);
    this.reports.set(key, report);
  }

  /** Takes the oldest out. */
  take(): InstanceReport | undefined {
    for (const [key, report] of this.reports) {
      this.reports.delete(key);
      return report;
    }
    return undefined;
  }

  get empty(): boolean {
    return this.reports.size === 0;
  }

  clear(): void {
    this.reports.clear();
  }
}
