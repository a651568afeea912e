import { type DynamicModule, Module } from '@nestjs/common';
import { Catalog } from './catalog.js';
import { CatalogController } from './catalog.controller.js';
import { CatalogService } from './catalog.service.js';
import { FileCatalog } from './file-catalog.js';
import { RepositoryCatalog } from './repository/repository-catalog.js';

@Module({})
export class CatalogModule {
  /**
   * @param source path of a YAML file, or `grpc://host:port` of a Cloudforet repository service (`grpcs://` over TLS)
   * @param tokenFile file with the token that the repository service is shown
   */
  static forRoot(source: string, tokenFile?: string): DynamicModule {
    return {
      module: CatalogModule,
      global: true,
      controllers: [CatalogController],
      providers: [{ provide: Catalog, useFactory: () => open(source, tokenFile) }, CatalogService],
      exports: [CatalogService],
    };
  }
}

function open(source: string, tokenFile: string | undefined): Catalog {
  return /^grpcs?:\/\//.test(source) ? RepositoryCatalog.at({ address: source, tokenFile }) : new FileCatalog(source);
}
