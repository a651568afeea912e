import { status } from '@grpc/grpc-js';
import { CallerError } from './caller-error.js';
import { httpStatusOf } from './error-status.js';

/** As Cloudforet's client tells of an error without a code. */
const UNNAMED = 'ERROR_INTERNAL_API';
/** Longest code that is taken for one, in characters. */
const CODE_LENGTH = 100;

/**
 * An error that a plugin has answered: the caller is told the plugin's own status, code and message. Plugins write
 * `CODE: message` into the details of a status, as every service of Cloudforet does.
 */
export class PluginAnswer extends CallerError {
  override readonly name = 'PluginAnswer';
  readonly code: string;
  readonly status: status;

  /** @param code of the status; one that gRPC does not know is UNKNOWN */
  constructor(code: number, details: string) {
    const [, named, said] = /^(ERROR_\w+)(?::\s*(.*))?$/s.exec(details) ?? [];
    const isCode = named !== undefined && named.length <= CODE_LENGTH;
    super((isCode ? said : details) || details);
    this.code = isCode ? named : UNNAMED;
    this.status = code === status.OK || status[code] === undefined ? status.UNKNOWN : code;
  }

  get httpStatus(): number {
    return httpStatusOf(this.status);
  }
}
