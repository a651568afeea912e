import type { EventInfo } from '../../../src/generated/spaceone/api/monitoring/plugin/event.js';
import { invalid } from '../kit/plugin-error.js';
import { readAlarm } from './alarm.js';
import { eventsOfAlarm } from './alarm-events.js';
import { asFields, optionalText, text } from './fields.js';
import { isSubscriptionNotice, subscriptionEvent } from './subscription-event.js';
import type { Version } from './version.js';

/**
 * The events of what SNS posted to a webhook.
 *
 * @throws PluginError naming the key at fault
 */
export function parse(data: unknown, version: Version): EventInfo[] {
  const fields = asFields(data, 'data');
  const type = optionalText(fields, 'Type') ?? 'Notification';
  if (isSubscriptionNotice(type)) return [subscriptionEvent(fields, type)];
  if (type !== 'Notification') throw invalid('data.Type', `${type.slice(0, 100)} is no type of SNS`);
  return eventsOfAlarm(readAlarm(text(fields, 'Message'), 'data.Message', version));
}
