import {
  type EventInfo,
  EventInfo_Severity as Severity,
} from '../../../src/generated/spaceone/api/monitoring/plugin/event.js';
import { invalid } from '../kit/plugin-error.js';
import { eventKey } from './event.js';
import { type Fields, text, time } from './fields.js';

/** What SNS says of the subscription itself, not of an alarm. */
export type SubscriptionNotice = 'SubscriptionConfirmation' | 'UnsubscribeConfirmation';

const notices = {
  SubscriptionConfirmation: {
    title: 'Confirm the SNS subscription',
    severity: Severity.INFO,
    description: 'No alarm arrives before the subscription is confirmed. Open the SubscribeURL to confirm it.',
  },
  UnsubscribeConfirmation: {
    title: 'The SNS subscription has ended',
    severity: Severity.WARNING,
    description: 'No more alarms arrive. Open the SubscribeURL to subscribe again.',
  },
} as const satisfies Record<SubscriptionNotice, unknown>;

export const isSubscriptionNotice = (type: string): type is SubscriptionNotice => Object.hasOwn(notices, type);

/**
 * An event that tells people what has to be done by hand: a plugin calls no address that a message names.
 *
 * @throws PluginError naming the key at fault
 */
export function subscriptionEvent(fields: Fields, type: SubscriptionNotice): EventInfo {
  const { title, severity, description } = notices[type];
  const topicArn = text(fields, 'TopicArn');
  const { region, account, topic } = readTopic(topicArn, `${fields.path}.TopicArn`);
  return {
    event_key: eventKey(topicArn, type, text(fields, 'Token')),
    event_type: 'ALERT',
    title: `${title}: ${topic}`,
    description,
    severity,
    resource: { resource_id: topicArn, resource_type: 'AWS/SNS', name: `[AWS/SNS] Topic=${topic} (${region})` },
    rule: type,
    occurred_at: time(fields, 'Timestamp').toISOString(),
    additional_info: { TopicArn: topicArn, SubscribeURL: subscribeUrl(fields) },
    provider: 'aws',
    account,
  };
}

function readTopic(arn: string, path: string): { region: string; account: string; topic: string } {
  const [, region, account, topic] = /^arn:aws[a-z-]*:sns:([a-z0-9-]+):(\d{12}):([\w.-]+)$/.exec(arn) ?? [];
  if (region === undefined || account === undefined || topic === undefined) throw invalid(path, 'is no ARN of a topic');
  return { region, account, topic };
}

/** People will follow it: it must lead to AWS, whoever sent the message. */
function subscribeUrl(fields: Fields): string {
  const written = text(fields, 'SubscribeURL');
  const url = URL.canParse(written) ? new URL(written) : undefined;
  const trusted = url?.protocol === 'https:' && /^sns\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/.test(url.host);
  if (url === undefined || !trusted) throw invalid(`${fields.path}.SubscribeURL`, 'is no address of SNS');
  return url.href;
}
