import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';

/** What the host keeps of an alarm. */
@Schema({ collection: 'alarms' })
export class Alarm {
  @Prop({ type: String, required: true }) title!: string;
  @Prop({ type: String, required: true }) severity!: string;
  @Prop({ type: String, required: true }) parsed_by!: string;
}

export const AlarmSchema = SchemaFactory.createForClass(Alarm);
