import { EventService } from '../../../src/generated/spaceone/api/monitoring/plugin/event.js';
import { WebhookService } from '../../../src/generated/spaceone/api/monitoring/plugin/webhook.js';
import { servePlugin } from '../kit/plugin-server.js';
import { unaryService } from '../kit/unary-service.js';
import { readVersion } from './version.js';
import { parse } from './parse.js';

const version = readVersion(process.argv[2] ?? process.env['PLUGIN_VERSION']);

const webhook = unaryService(WebhookService, {
  init: () => ({ metadata: { version: version.name, provider: 'aws', alarms: version.alarms } }),
  // There is nothing to verify: SNS pushes, and needs no secret of ours.
  verify: () => ({}),
});

const event = unaryService(EventService, {
  parse: ({ data }) => ({ results: parse(data, version) }),
});

await servePlugin({
  pluginId: 'plugin-aws-sns-mon-webhook',
  version: version.name,
  services: [webhook, event],
});
