import { WebhookService } from '../../../src/generated/spaceone/api/monitoring/plugin/webhook.js';
import { servePlugin } from '../kit/plugin-server.js';
import { unaryService } from '../kit/unary-service.js';
import { misbehaveAtStart } from './at-start.js';
import { misbehaveLater } from './later.js';
import { fromCall, fromEnvironment } from './settings.js';

const version = process.argv[2] ?? process.env['PLUGIN_VERSION'] ?? '1.0.0';
const wishes = fromEnvironment();
await misbehaveAtStart(wishes);

const webhook = unaryService(WebhookService, {
  init: () => ({ metadata: { version, pid: process.pid } }),
  verify: ({ options }) => {
    // Answered first: the caller should see the call succeed, and then the plugin fail.
    setTimeout(misbehaveLater, 10, fromCall(options ?? {}), health);
    return {};
  },
});

const health = await servePlugin({
  pluginId: 'plugin-misbehaving',
  version,
  services: [webhook],
  health: wishes.never_healthy ? 'NOT_SERVING' : 'SERVING',
});
if (wishes.ignore_sigterm) process.removeAllListeners('SIGTERM').on('SIGTERM', () => {});
misbehaveLater(wishes, health);
