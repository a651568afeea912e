import {
  type EventInfo,
  EventInfo_Severity as Severity,
} from '../../../src/generated/spaceone/api/monitoring/plugin/event.js';
import type { Alarm, Subject } from './alarm.js';
import { eventKey, present } from './event.js';

/** An alarm that comes again within this time is the same event, in milliseconds. */
const SAME_EVENT = 10 * 60 * 1_000;

/** One event for each thing that the alarm is about. */
export function eventsOfAlarm(alarm: Alarm): EventInfo[] {
  return alarm.subjects.map((subject) => eventOf(alarm, subject));
}

function eventOf(alarm: Alarm, subject: Subject): EventInfo {
  const resource = resourceOf(alarm, subject);
  const bucket = Math.floor(alarm.changedAt.getTime() / SAME_EVENT);
  return {
    // By the name of the resource: one value may stand in several dimensions.
    event_key: eventKey(alarm.account, resource.name, alarm.name, bucket),
    event_type: alarm.state === 'OK' ? 'RECOVERY' : 'ALERT',
    title: alarm.name,
    description: alarm.reason,
    severity: severityOf(alarm.state),
    resource,
    rule: alarm.name,
    occurred_at: alarm.changedAt.toISOString(),
    additional_info: present({
      AlarmName: alarm.name,
      Region: alarm.region,
      AWSAccountId: alarm.account,
      AlarmDescription: alarm.description,
      AlarmArn: alarm.arn,
      OldStateValue: alarm.oldState,
      MetricName: subject.metric,
      Namespace: subject.namespace,
    }),
    provider: 'aws',
    account: alarm.account,
  };
}

function severityOf(state: string): Severity {
  if (state === 'OK') return Severity.INFO;
  return state === 'ALARM' ? Severity.ERROR : Severity.NOT_AVAILABLE;
}

function resourceOf({ name, arn, region }: Alarm, { namespace, metric, dimension }: Subject) {
  const about = dimension ? `${dimension.name}=${dimension.value}` : (metric ?? name);
  return {
    resource_id: dimension?.value ?? arn ?? name,
    resource_type: namespace,
    name: `[${namespace}] ${about} (${region})`,
  };
}
