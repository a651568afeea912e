import { Client, credentials } from '@grpc/grpc-js';
import { Body, Controller, Get, Post } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { EndpointService } from 'berth';
import { IsObject, IsString } from 'class-validator';
import type { Model } from 'mongoose';
import { EventsInfo, ParseRequest } from '../../src/generated/spaceone/api/monitoring/plugin/event.js';
import { Alarm } from './alarm.schema.js';

class AlarmDto {
  @IsString() plugin_id!: string;
  @IsObject() data!: Record<string, unknown>;
}

const PATIENCE = 30_000;

/** Takes what a monitoring system posts, has a plugin read it, and keeps the result. */
@Controller('alarms')
export class AlarmsController {
  constructor(
    private readonly endpoints: EndpointService,
    @InjectModel(Alarm.name, 'platform') private readonly alarms: Model<Alarm>,
  ) {}

  @Post()
  async receive(@Body() { plugin_id, data }: AlarmDto): Promise<Alarm[]> {
    const deadline = Date.now() + PATIENCE;
    // No network call: the same service that Berth's own controllers use.
    const { endpoint, version } = await this.endpoints.find(
      { domainId: 'domain-platform', pluginId: plugin_id, auto: true, selector: {} },
      () => ({ deadline, signal: AbortSignal.timeout(PATIENCE) }),
    );
    const { results = [] } = await parse(endpoint, { options: {}, data }, deadline);
    return this.alarms.create(
      results.map(({ title = '', severity = '' }) => ({ title, severity, parsed_by: `${plugin_id} ${version}` })),
    );
  }

  @Get()
  list(): Promise<Alarm[]> {
    return this.alarms.find().lean<Alarm[]>().exec();
  }
}

function parse(endpoint: string, request: ParseRequest, deadline: number): Promise<EventsInfo> {
  const client = new Client(new URL(endpoint).host, credentials.createInsecure());
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      '/spaceone.api.monitoring.plugin.Event/parse',
      (message: ParseRequest) => Buffer.from(ParseRequest.encode(message).finish()),
      (bytes: Buffer) => EventsInfo.decode(bytes),
      request,
      { deadline },
      (error, events) => {
        client.close();
        if (error === null) resolve(events ?? {});
        else reject(error);
      },
    );
  });
}
