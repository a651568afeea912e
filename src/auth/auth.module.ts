import { type DynamicModule, Global, Module } from '@nestjs/common';
import { Authenticator } from '../common/call/authenticator.js';
import { AUTH_OPTIONS, type AuthOptions } from './auth.options.js';
import { createAuthenticator } from './create-authenticator.js';
import { LinkAccess } from './link-access.js';
import { PluginTokens } from './plugin-tokens.js';
import { readTokenKey } from './token-key.js';

/** Who calls, for every controller of Berth. Needs AUTH_OPTIONS; a host that imports features one by one has it too. */
@Global()
@Module({
  providers: [
    { provide: Authenticator, inject: [AUTH_OPTIONS], useFactory: createAuthenticator },
    {
      provide: PluginTokens,
      inject: [AUTH_OPTIONS],
      useFactory: async ({ tokenKey }: AuthOptions) =>
        new PluginTokens(tokenKey === undefined ? undefined : await readTokenKey(tokenKey)),
    },
    LinkAccess,
  ],
  exports: [Authenticator, PluginTokens, LinkAccess],
})
export class AuthModule {
  /** With options of its own, where {@link AUTH_OPTIONS} is not provided by somebody else. */
  static forRoot(options: AuthOptions): DynamicModule {
    return { module: AuthModule, providers: [{ provide: AUTH_OPTIONS, useValue: options }] };
  }
}
