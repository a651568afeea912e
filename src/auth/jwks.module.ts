import { Module } from '@nestjs/common';
import { JwksController } from './jwks.controller.js';

/** `/.well-known/jwks.json`, apart from `AuthModule`: a host may have one of its own. */
@Module({ controllers: [JwksController] })
export class JwksModule {}
