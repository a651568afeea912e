import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';

/** @see BerthEvent for what the fields mean */
@Schema({ collection: 'events', versionKey: false })
export class EventDocument {
  @Prop({ type: String }) _id!: string;
  @Prop({ type: String, required: true }) kind!: 'supervisor' | 'installed_plugin';
  @Prop({ type: String, required: true }) subject_id!: string;
  @Prop({ type: String, required: true }) supervisor_id!: string;
  @Prop({ type: String, required: true }) domain_id!: string;
  @Prop({ type: String, default: '' }) plugin_id!: string;
  @Prop({ type: String, default: '' }) version!: string;
  @Prop({ type: String, default: '' }) from!: string;
  @Prop({ type: String, required: true }) to!: string;
  @Prop({ type: String, default: '' }) reason!: string;
  @Prop({ type: Number, required: true }) generation!: number;
  @Prop({ type: Number, required: true }) revision!: number;
  @Prop({ type: String, required: true }) by!: 'caller' | 'supervisor' | 'berth';
  @Prop({ type: Date, required: true }) at!: Date;
  @Prop({ type: Date, required: true }) expires_at!: Date;
}

export const EventSchema = SchemaFactory.createForClass(EventDocument);
EventSchema.index({ domain_id: 1, _id: -1 });
EventSchema.index({ subject_id: 1, _id: -1 });
EventSchema.index({ expires_at: 1 }, { expireAfterSeconds: 0 });
