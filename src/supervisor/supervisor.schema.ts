import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import { Schema as MongooseSchema } from 'mongoose';
import type { Transition } from '../database/transitions.js';
import type { SupervisorState } from './supervisor.js';

const states: SupervisorState[] = ['ENABLED', 'DISABLED', 'PENDING', 'DISCONNECTED'];
const map = { type: MongooseSchema.Types.Mixed, default: {} };

/** @see Supervisor for what the fields mean */
@Schema({ collection: 'supervisors', versionKey: false, minimize: false })
export class SupervisorDocument {
  @Prop({ type: String }) _id!: string;
  @Prop({ type: String, required: true }) domain_id!: string;
  @Prop({ type: String, required: true }) hostname!: string;
  @Prop({ type: String, required: true }) name!: string;
  @Prop({ type: String, required: true, enum: states }) state!: SupervisorState;
  @Prop({ type: Boolean, required: true }) is_public!: boolean;
  @Prop({ type: Number, required: true }) priority!: number;
  @Prop(map) labels!: Record<string, unknown>;
  @Prop(map) tags!: Record<string, unknown>;
  /** What the supervisor last said of itself, to tell its changes from those made by its administrators. */
  @Prop(map) announced!: Record<string, unknown>;
  @Prop({ type: Number, required: true }) capacity!: number;
  /** Whether somebody has accepted it, or nobody needs to. */
  @Prop({ type: Boolean, required: true }) registered!: boolean;
  @Prop({ type: Boolean, default: false }) disabled!: boolean;
  /** Its lease has run out. */
  @Prop({ type: Boolean, default: false }) lost!: boolean;
  /** Linked, and not heard from for longer than it should be, if not yet for its whole lease. */
  @Prop({ type: Boolean, default: false }) silent!: boolean;
  /** It said goodbye: it is not waited for. */
  @Prop({ type: Boolean, default: false }) departed!: boolean;
  /** It was last heard from over a link; else it publishes. */
  @Prop({ type: Boolean, default: false }) linked!: boolean;
  /** How often it has published. */
  @Prop({ type: Number, default: 0 }) publishes!: number;
  @Prop({ type: Date, default: null }) published_at!: Date | null;
  /** Milliseconds between its last publishes, the newest first. */
  @Prop({ type: [Number], default: [] }) publish_pauses!: number[];
  @Prop({ type: Number, required: true }) epoch!: number;
  /** In the database's time. */
  @Prop({ type: Date, required: true }) lease_expires_at!: Date;
  /** What became of it lately, the oldest first. */
  @Prop({ type: [MongooseSchema.Types.Mixed] }) transitions?: Transition[];
  @Prop({ type: Number, required: true }) revision!: number;
  @Prop({ type: Date, required: true }) created_at!: Date;
  @Prop({ type: Date, required: true }) updated_at!: Date;
}

export const SupervisorSchema = SchemaFactory.createForClass(SupervisorDocument);
SupervisorSchema.index({ domain_id: 1, hostname: 1 }, { unique: true });
SupervisorSchema.index({ lost: 1, lease_expires_at: 1 });
SupervisorSchema.index({ state: 1, created_at: 1 });
