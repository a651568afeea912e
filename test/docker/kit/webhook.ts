import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, credentials } from '@grpc/grpc-js';
import { packageRoot } from '../../../src/config/package-root.js';
import { type EventInfo, EventService } from '../../../src/generated/spaceone/api/monitoring/plugin/event.js';

const folder = join(packageRoot, 'examples/plugins/plugin-aws-sns-mon-webhook');
const sample = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Record<string, unknown>;

/** What SNS posts to a webhook: an alarm on one metric, and one that computes with several. */
export const alarms = { ofOneMetric: sample('sample-alarm.json'), ofSeveral: sample('sample-metric-math-alarm.json') };

/** Has the plugin at the endpoint turn an alarm into events. @throws ServiceError */
export async function parse(endpoint: string, data: Record<string, unknown>): Promise<EventInfo[]> {
  const client = new Client(endpoint.replace('grpc://', ''), credentials.createInsecure());
  const { path, requestSerialize, responseDeserialize } = EventService.parse;
  try {
    return await new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        { options: {}, data },
        { deadline: Date.now() + 5_000 },
        (error, answer) => (error ? reject(error) : resolve(answer?.results ?? [])),
      );
    });
  } finally {
    client.close();
  }
}
