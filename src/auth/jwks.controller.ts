import { Controller, Get, Header, Inject } from '@nestjs/common';
import type { JSONWebKeySet } from 'jose';
import { PluginTokens } from './plugin-tokens.js';

/** Where plugins get the key that their callers' tokens are signed with. */
@Controller('.well-known')
export class JwksController {
  constructor(@Inject(PluginTokens) private readonly tokens: PluginTokens) {}

  @Get('jwks.json')
  @Header('cache-control', 'public, max-age=300')
  jwks(): JSONWebKeySet {
    return this.tokens.publicKeys();
  }
}
