import { type DynamicModule, Module } from '@nestjs/common';
import { isGrpcScheme } from '../common/grpc/grpc-address.js';
import { RegistryClient } from '../registry/registry-client.js';
import { parseMirror, type RegistryMirror } from '../registry/registry-mirror.js';
import { Catalog } from './catalog.js';
import { CatalogController } from './catalog.controller.js';
import { CatalogService } from './catalog.service.js';
import { FileCatalog } from './file-catalog.js';
import { RepositoryCatalog } from './repository/repository-catalog.js';
import { TaggedCatalog } from './tagged/tagged-catalog.js';

@Module({})
export class CatalogModule {
  /**
   * @param source path of a YAML file, or `grpc://host:port` of a Cloudforet repository service (`grpc+ssl://` over TLS)
   * @param tokenFile file with the token that the repository service is shown
   * @param registryMirror where every tag list is read, whatever registry an image names
   */
  static forRoot(source: string, tokenFile?: string, registryMirror?: string): DynamicModule {
    return {
      module: CatalogModule,
      global: true,
      controllers: [CatalogController],
      providers: [{ provide: Catalog, useFactory: () => open(source, tokenFile, registryMirror) }, CatalogService],
      exports: [CatalogService],
    };
  }
}

function open(source: string, tokenFile?: string, registryMirror?: string): Catalog {
  if (isGrpcScheme(source)) return RepositoryCatalog.at({ address: source, tokenFile });
  return new TaggedCatalog(new FileCatalog(source), new RegistryClient(), mirrorOf(registryMirror));
}

/** @throws Error naming the setting */
function mirrorOf(text: string | undefined): RegistryMirror | undefined {
  try {
    return text === undefined ? undefined : parseMirror(text);
  } catch (error) {
    throw new Error(`The registry mirror is not usable: it ${(error as Error).message}`, { cause: error });
  }
}
