import { type DynamicModule, Module } from '@nestjs/common';
import { Catalog } from './catalog.js';
import { CatalogController } from './catalog.controller.js';
import { CatalogService } from './catalog.service.js';
import { FileCatalog } from './file-catalog.js';

@Module({})
export class CatalogModule {
  /** @param source path of a YAML file */
  static forRoot(source: string): DynamicModule {
    return {
      module: CatalogModule,
      global: true,
      controllers: [CatalogController],
      providers: [{ provide: Catalog, useFactory: () => new FileCatalog(source) }, CatalogService],
      exports: [CatalogService],
    };
  }
}
