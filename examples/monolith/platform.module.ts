import { type DynamicModule, Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { BerthModule } from 'berth';
import { AlarmsController } from './alarms.controller.js';
import { Alarm, AlarmSchema } from './alarm.schema.js';

/** The host: its own collection on its own connection, and Berth on the same connection in a database of its own. */
@Module({})
export class PlatformModule {
  static forRoot(uri: string): DynamicModule {
    return {
      module: PlatformModule,
      imports: [
        MongooseModule.forRoot(uri, { connectionName: 'platform', dbName: 'platform' }),
        MongooseModule.forFeature([{ name: Alarm.name, schema: AlarmSchema }], 'platform'),
        BerthModule.forRoot({
          database: { connection: 'platform', name: 'platform_plugins' },
          catalog: 'catalog.yaml',
          prefix: 'internal',
          supervisor: { heartbeatInterval: 1_000, lease: 3_000 },
        }),
      ],
      controllers: [AlarmsController],
    };
  }
}
