import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';

/** What an instance printed before it failed last. Beside the instances, which every API process keeps in memory. */
@Schema({ collection: 'instance_outputs', versionKey: false })
export class InstanceOutputDocument {
  /** Of the instance. */
  @Prop({ type: String }) _id!: string;
  @Prop({ type: String, required: true }) output!: string;
  @Prop({ type: Date, required: true }) at!: Date;
}

export const InstanceOutputSchema = SchemaFactory.createForClass(InstanceOutputDocument);
InstanceOutputSchema.index({ at: -1 });
