import { Authenticator } from '../common/call/authenticator.js';
import { authenticateFailure } from '../common/errors/errors.js';

/** Asks nobody who he is. */
export class OpenAuthenticator extends Authenticator {
  override readonly required = false;

  override identify(): never {
    throw authenticateFailure('authentication is off: no token means anything here');
  }
}
