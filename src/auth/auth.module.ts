import { type DynamicModule, Global, Module } from '@nestjs/common';
import { Authenticator } from '../common/call/authenticator.js';
import { OpenAuthenticator } from './open-authenticator.js';
import { AUTH_OPTIONS, type AuthOptions } from './auth.options.js';

/** Who calls, for every controller of Berth. Needs AUTH_OPTIONS; a host that imports features one by one has it too. */
@Global()
@Module({
  providers: [{ provide: Authenticator, useFactory: () => new OpenAuthenticator() }],
  exports: [Authenticator],
})
export class AuthModule {
  /** With options of its own, where {@link AUTH_OPTIONS} is not provided by somebody else. */
  static forRoot(options: AuthOptions): DynamicModule {
    return { module: AuthModule, providers: [{ provide: AUTH_OPTIONS, useValue: options }] };
  }
}
