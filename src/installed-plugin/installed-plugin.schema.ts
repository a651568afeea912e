import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import { Schema as MongooseSchema } from 'mongoose';
import type { Transition } from '../database/transitions.js';
import type { InstalledPluginState } from './installed-plugin.js';
import type { Fault } from './instance-report.js';

const states: InstalledPluginState[] = ['PROVISIONING', 'ACTIVE', 'RE_PROVISIONING', 'ERROR'];

/** @see InstalledPlugin for what the fields mean */
@Schema({ collection: 'installed_plugins', versionKey: false })
export class InstalledPluginDocument {
  @Prop({ type: String }) _id!: string;
  @Prop({ type: String, required: true }) supervisor_id!: string;
  @Prop({ type: String, required: true }) supervisor_domain_id!: string;
  @Prop({ type: String, required: true }) plugin_id!: string;
  @Prop({ type: String, required: true }) version!: string;
  @Prop({ type: String, required: true }) domain_id!: string;
  @Prop({ type: String, default: '' }) private_to!: string;
  @Prop({ type: String, required: true, enum: states }) state!: InstalledPluginState;
  @Prop({ type: String, default: '' }) state_reason!: string;
  @Prop({ type: String, default: 'PASSING' }) fault?: Fault;
  @Prop({ type: Number, required: true }) generation!: number;
  @Prop({ type: Number, required: true }) observed_generation!: number;
  @Prop({ type: Number, required: true }) after_incarnation!: number;
  @Prop({ type: Number, required: true }) incarnation!: number;
  /** Connection of the supervisor that last wrote here; an older one is refused. */
  @Prop({ type: Number, required: true }) epoch!: number;
  @Prop({ type: [String], required: true }) endpoints!: string[];
  /** Endpoints that were reported as failing, until something else is ready. */
  @Prop({ type: [String], required: true }) failed_endpoints!: string[];
  /** When what runs became ready. */
  @Prop({ type: Date, default: null }) ready_at!: Date | null;
  /** How often a supervisor without a link has been told of the generation; see Delivery. */
  @Prop({ type: Number, default: 0 }) told!: number;
  /** How often it had published then. */
  @Prop({ type: Number, default: 0 }) told_at!: number;
  /** The last of its publishes that wrote here. */
  @Prop({ type: Number, default: 0 }) published!: number;
  @Prop({ type: Number, required: true }) restarts!: number;
  @Prop({ type: Date, default: null }) next_start_at!: Date | null;
  /** Somebody is about to remove it: see RemovalRepository. */
  @Prop({ type: String, default: null }) retiring!: string | null;
  /** What became of it lately, the oldest first. */
  @Prop({ type: [MongooseSchema.Types.Mixed] }) transitions?: Transition[];
  @Prop({ type: Number, required: true }) revision!: number;
  @Prop({ type: Date, required: true }) created_at!: Date;
  @Prop({ type: Date, required: true }) updated_at!: Date;
}

export const InstalledPluginSchema = SchemaFactory.createForClass(InstalledPluginDocument);
InstalledPluginSchema.index({ supervisor_id: 1, plugin_id: 1, version: 1 }, { unique: true });
InstalledPluginSchema.index({ supervisor_domain_id: 1 });
InstalledPluginSchema.index({ plugin_id: 1, version: 1 });
InstalledPluginSchema.index({ updated_at: 1 });
