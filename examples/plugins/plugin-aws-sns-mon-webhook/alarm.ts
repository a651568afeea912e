import { invalid } from '../kit/plugin-error.js';
import { asFields, type Fields, has, object, objects, optionalText, text, time } from './fields.js';
import type { Version } from './version.js';

/** What an alarm is about: one dimension of one metric. */
export interface Subject {
  readonly namespace: string;
  /** Missing where the alarm is about the result of an expression. */
  readonly metric?: string;
  /** Missing where the metric has none. */
  readonly dimension?: { readonly name: string; readonly value: string };
}

/** A CloudWatch alarm that changed its state. */
export interface Alarm {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly state: string;
  readonly reason: string;
  readonly changedAt: Date;
  readonly arn?: string;
  readonly description?: string;
  readonly oldState?: string;
  readonly subjects: readonly Subject[];
}

/** Far more than CloudWatch allows; one request must not become an answer without end. */
const MAX_SUBJECTS = 1_000;

/**
 * Reads an alarm as CloudWatch writes it into the `Message` of a notification.
 *
 * @param path leads to it, for errors
 * @throws PluginError naming the key at fault
 */
export function readAlarm(message: string, path: string, version: Version): Alarm {
  const fields = asFields(parseJson(message, path), path);
  const alarm = {
    name: text(fields, 'AlarmName'),
    account: text(fields, 'AWSAccountId'),
    region: text(fields, 'Region'),
    state: text(fields, 'NewStateValue'),
    reason: optionalText(fields, 'NewStateReason') ?? '',
    changedAt: time(fields, 'StateChangeTime'),
    arn: optionalText(fields, 'AlarmArn'),
    description: optionalText(fields, 'AlarmDescription'),
    oldState: optionalText(fields, 'OldStateValue'),
    subjects: subjectsOf(object(fields, 'Trigger'), version),
  };
  if (alarm.subjects.length <= MAX_SUBJECTS) return alarm;
  throw invalid(`${path}.Trigger`, `has ${alarm.subjects.length} dimensions, at most ${MAX_SUBJECTS}`);
}

function parseJson(message: string, path: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    throw invalid(path, 'is not JSON, and so no CloudWatch alarm');
  }
}

function subjectsOf(trigger: Fields, { alarms }: Version): Subject[] {
  if (!alarms.includes('Trigger.Metrics') || !has(trigger, 'Metrics')) return subjectsOfMetric(trigger);
  const metrics = objects(trigger, 'Metrics')
    .filter((metric) => has(metric, 'MetricStat'))
    .flatMap((metric) => subjectsOfMetric(object(object(metric, 'MetricStat'), 'Metric')));
  // Nothing but expressions, as in a query over all instances: the alarm itself is all there is to name.
  return metrics.length > 0 ? metrics : [{ namespace: 'AWS/CloudWatch' }];
}

/** A metric without dimensions is still one alarm, which must not get lost. */
function subjectsOfMetric(fields: Fields): Subject[] {
  const dimensions = objects(fields, 'Dimensions').map((dimension) => ({
    name: text(dimension, 'name'),
    value: text(dimension, 'value'),
  }));
  const metric = { namespace: text(fields, 'Namespace'), metric: text(fields, 'MetricName') };
  return dimensions.length > 0 ? dimensions.map((dimension) => ({ ...metric, dimension })) : [metric];
}
