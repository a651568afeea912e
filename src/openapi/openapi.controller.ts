import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Controller, Get, Header, Inject } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { Authenticator } from '../common/call/authenticator.js';
import { packageRoot } from '../config/package-root.js';
import type { Schema } from './schemas.js';

/** The page needs nothing but what it brings along, and calls nobody but this server. */
const PAGE_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'";

/** What is served, for people and for programs that make clients of it. */
@Controller()
export class OpenApiController {
  private document?: Promise<Schema>;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    @Inject(Authenticator) private readonly authenticator: Authenticator,
  ) {}

  @Get('openapi.json')
  openApi(): Promise<Schema> {
    return (this.document ??= this.make());
  }

  @Get('docs')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', PAGE_POLICY)
  page(): string {
    return asset('index.html');
  }

  @Get('docs/docs.js')
  @Header('content-type', 'text/javascript; charset=utf-8')
  script(): string {
    return asset('docs.js');
  }

  @Get('docs/docs.css')
  @Header('content-type', 'text/css; charset=utf-8')
  style(): string {
    return asset('docs.css');
  }

  private async make(): Promise<Schema> {
    // Loaded by the first who asks, with its examples: most servers are never asked.
    const { describeApi } = await import('./describe-api.js');
    const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string };
    return describeApi(this.discovery, this.scanner, {
      version,
      authenticated: this.authenticator.required,
    });
  }
}

const asset = (name: string) => readFileSync(join(packageRoot, 'assets/docs', name), 'utf8');
