import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';

/** @see Binding for what the fields mean */
@Schema({ collection: 'installed_plugin_refs', versionKey: false })
export class InstalledPluginRefDocument {
  /** Made of domain, plugin, version and selector: being unique, it decides which of several first callers wins. */
  @Prop({ type: String }) _id!: string;
  @Prop({ type: String, required: true }) domain_id!: string;
  @Prop({ type: String, required: true }) plugin_id!: string;
  @Prop({ type: String, required: true }) version!: string;
  /** Pairs, because a label may be called what no field may be called. */
  @Prop({ type: [{ _id: false, key: String, value: String }], required: true }) selector!: {
    key: string;
    value: string;
  }[];
  @Prop({ type: String, required: true }) supervisor_id!: string;
  @Prop({ type: String, required: true }) installed_plugin_id!: string;
  @Prop({ type: String, default: '' }) private_to!: string;
  /** When an endpoint was last handed out for it, give or take the time between two looks for what is idle. */
  @Prop({ type: Date, required: true }) called_at!: Date;
  /** Since when it is about to be removed, in the database's time: see IdleRepository. */
  @Prop({ type: Date, default: null }) idle_since!: Date | null;
  @Prop({ type: Number, required: true }) revision!: number;
  @Prop({ type: Date, required: true }) created_at!: Date;
  @Prop({ type: Date, required: true }) updated_at!: Date;
}

export const InstalledPluginRefSchema = SchemaFactory.createForClass(InstalledPluginRefDocument);
InstalledPluginRefSchema.index({ domain_id: 1, installed_plugin_id: 1 });
InstalledPluginRefSchema.index({ domain_id: 1, plugin_id: 1 });
InstalledPluginRefSchema.index({ installed_plugin_id: 1 });
InstalledPluginRefSchema.index({ called_at: 1 });
InstalledPluginRefSchema.index({ idle_since: 1 });
