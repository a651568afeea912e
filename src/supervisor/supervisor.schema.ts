import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import { Schema as MongooseSchema } from 'mongoose';
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
  /** Whether it may become ENABLED when it connects. */
  @Prop({ type: Boolean, required: true }) registered!: boolean;
  @Prop({ type: Number, required: true }) epoch!: number;
  /** In the database's time. */
  @Prop({ type: Date, required: true }) lease_expires_at!: Date;
  @Prop({ type: Number, required: true }) revision!: number;
  @Prop({ type: Date, required: true }) created_at!: Date;
  @Prop({ type: Date, required: true }) updated_at!: Date;
}

export const SupervisorSchema = SchemaFactory.createForClass(SupervisorDocument);
SupervisorSchema.index({ domain_id: 1, hostname: 1 }, { unique: true });
SupervisorSchema.index({ state: 1, lease_expires_at: 1 });
