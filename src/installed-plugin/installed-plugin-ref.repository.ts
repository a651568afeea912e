import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { type Binding, bindingId, type BindingKey, type BindingTarget, installedPluginId } from './installed-plugin.js';
import { toBinding } from './installed-plugin.mapper.js';
import { made } from './installed-plugin.update.js';
import { InstalledPluginRefDocument } from './installed-plugin-ref.schema.js';

@Injectable()
export class InstalledPluginRefRepository {
  constructor(
    @InjectModel(InstalledPluginRefDocument.name) private readonly model: Model<InstalledPluginRefDocument>,
  ) {}

  async findById(id: string): Promise<Binding | undefined> {
    const document = await this.model.findById(id).lean();
    return document === null ? undefined : toBinding(document);
  }

  /** What the domain is bound to of the plugin, in any version and with any labels. */
  async findByPlugin(domainId: string, pluginId: string): Promise<Binding[]> {
    const documents = await this.model.find({ domain_id: { $eq: domainId }, plugin_id: { $eq: pluginId } }).lean();
    return documents.map(toBinding);
  }

  /** Ids of the instances that the domain is bound to. */
  async installedPluginIdsOf(domainId: string): Promise<string[]> {
    return this.model.distinct('installed_plugin_id', { domain_id: { $eq: domainId } });
  }

  async isBound(domainId: string, installedPlugin: string): Promise<boolean> {
    const found = await this.model.exists({
      domain_id: { $eq: domainId },
      installed_plugin_id: { $eq: installedPlugin },
    });
    return found !== null;
  }

  /**
   * Binds the key to the supervisor, or returns the binding that another caller made first.
   *
   * @param privateTo the domain that alone may use the plugin; empty where every domain may
   */
  async bind(key: BindingKey, { supervisorId }: BindingTarget, privateTo = ''): Promise<Binding> {
    const fields = {
      domain_id: key.domainId,
      plugin_id: key.pluginId,
      version: key.version,
      selector: Object.entries(key.selector).map(([label, value]) => ({ key: label, value })),
      supervisor_id: supervisorId,
      installed_plugin_id: installedPluginId(supervisorId, key.pluginId, key.version),
      private_to: privateTo,
      idle_since: null,
    };
    const document = await this.model
      .findOneAndUpdate({ _id: bindingId(key) }, made(fields, { called_at: '$$NOW' }), {
        upsert: true,
        updatePipeline: true,
        returnDocument: 'after',
      })
      .lean();
    return toBinding(document);
  }

  /** Moves a binding off the supervisor it was seen on; undefined when somebody else moved it before. */
  async rebind(binding: Binding, { supervisorId }: BindingTarget): Promise<Binding | undefined> {
    const document = await this.model
      .findOneAndUpdate(
        { _id: { $eq: binding.id }, supervisor_id: { $eq: binding.supervisorId } },
        {
          $set: {
            supervisor_id: supervisorId,
            installed_plugin_id: installedPluginId(supervisorId, binding.pluginId, binding.version),
            updated_at: new Date(),
          },
          $inc: { revision: 1 },
        },
        { returnDocument: 'after' },
      )
      .lean();
    return document === null ? undefined : toBinding(document);
  }
}
