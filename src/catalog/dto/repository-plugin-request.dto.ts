import { OptionalName, RequiredName } from '../../common/validation/decorators.js';

/** spaceone.api.repository.v1.RepositoryPluginRequest */
export class RepositoryPluginRequestDto {
  @RequiredName() plugin_id!: string;
  /** Berth is one repository, which serves whatever repository is named. */
  @OptionalName() repository_id?: string;
}
