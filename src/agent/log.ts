import { Logger } from '@nestjs/common';

export type LogFields = Readonly<Record<string, unknown>>;

/** The log of one subject: every line carries its fields. */
export class Log {
  private readonly logger: Logger;

  constructor(
    private readonly context: string,
    private readonly fields: LogFields = {},
  ) {
    this.logger = new Logger(context);
  }

  /** The same log with more fields. */
  with(fields: LogFields): Log {
    return new Log(this.context, { ...this.fields, ...fields });
  }

  debug(msg: string, reason?: string, more?: LogFields): void {
    this.logger.debug(this.line(msg, reason, more));
  }

  info(msg: string, reason?: string, more?: LogFields): void {
    this.logger.log(this.line(msg, reason, more));
  }

  warn(msg: string, reason?: string, more?: LogFields): void {
    this.logger.warn(this.line(msg, reason, more));
  }

  error(msg: string, reason?: string, more?: LogFields): void {
    this.logger.error(this.line(msg, reason, more));
  }

  private line(msg: string, reason?: string, more?: LogFields): LogFields {
    return { msg, ...this.fields, ...(reason ? { reason } : {}), ...more };
  }
}
