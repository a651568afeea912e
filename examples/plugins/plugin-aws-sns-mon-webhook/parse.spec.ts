import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PluginError } from '../kit/plugin-error.js';
import { parse } from './parse.js';
import { readVersion } from './version.js';

type Json = Record<string, unknown>;

const sample = JSON.parse(readFileSync(new URL('sample-alarm.json', import.meta.url), 'utf8')) as Json;
const sampleAlarm = JSON.parse(sample['Message'] as string) as Json & { Trigger: Json };

const notification = (changes: Json = {}, trigger: Json = {}) => ({
  ...sample,
  Message: JSON.stringify({ ...sampleAlarm, Trigger: { ...sampleAlarm.Trigger, ...trigger }, ...changes }),
});
const read = (data: unknown, version = '1.2.2') => parse(data, readVersion(version));

/** The details that a caller is answered with, or the number of events. */
function outcome(data: unknown, version?: string): string | number {
  try {
    return read(data, version).length;
  } catch (error) {
    if (error instanceof PluginError) return `${error.code}: ${error.message}`;
    throw error;
  }
}

const metric = (name: string, ...values: string[]) => ({
  Id: name.toLowerCase(),
  MetricStat: {
    Metric: {
      Namespace: 'AWS/EC2',
      MetricName: name,
      Dimensions: values.map((value) => ({ name: 'InstanceId', value })),
    },
    Period: 60,
    Stat: 'Average',
  },
  ReturnData: false,
});
const expression = { Id: 'e1', Expression: 'cpu / network', Label: 'load', ReturnData: true };
const metricMath = (...metrics: unknown[]) => {
  const { MetricName: _name, Namespace: _namespace, Dimensions: _dimensions, ...trigger } = sampleAlarm.Trigger;
  return notification({ Trigger: { ...trigger, Metrics: metrics } });
};

describe('an alarm', () => {
  it('becomes an event', () => {
    expect(read(sample)).toEqual([
      {
        event_key: expect.stringMatching(/^[0-9a-f]{32}$/) as unknown,
        event_type: 'ALERT',
        title: 'EC2-CPU',
        description: sampleAlarm['NewStateReason'],
        severity: 'ERROR',
        resource: {
          resource_id: 'i-0f672ea50a80cda4b',
          resource_type: 'AWS/EC2',
          name: '[AWS/EC2] InstanceId=i-0f672ea50a80cda4b (Asia Pacific (Seoul))',
        },
        rule: 'EC2-CPU',
        occurred_at: '2021-06-23T08:41:06.622Z',
        additional_info: {
          AlarmName: 'EC2-CPU',
          Region: 'Asia Pacific (Seoul)',
          AWSAccountId: '257706363616',
          AlarmArn: 'arn:aws:cloudwatch:ap-northeast-2:257706363616:alarm:EC2-CPU',
          OldStateValue: 'INSUFFICIENT_DATA',
          MetricName: 'CPUUtilization',
          Namespace: 'AWS/EC2',
        },
        provider: 'aws',
        account: '257706363616',
      },
    ]);
  });

  it.each([
    ['OK', 'RECOVERY', 'INFO'],
    ['ALARM', 'ALERT', 'ERROR'],
    ['INSUFFICIENT_DATA', 'ALERT', 'NOT_AVAILABLE'],
  ])('in state %s is %s, %s', (state, type, severity) => {
    expect(read(notification({ NewStateValue: state }))).toMatchObject([{ event_type: type, severity }]);
  });

  it('keeps its description, and does without what may be missing', () => {
    const [event] = read(notification({ AlarmDescription: 'CPU', OldStateValue: undefined, NewStateReason: null }));
    expect(event).toMatchObject({ description: '', additional_info: { AlarmDescription: 'CPU' } });
    expect(event?.additional_info).not.toHaveProperty('OldStateValue');
  });

  it('with several dimensions becomes an event for each, with a key of its own', () => {
    const dimensions = [
      { name: 'ClusterName', value: 'web' },
      { name: 'ServiceName', value: 'web' },
    ];
    const events = read(notification({}, { Dimensions: dimensions }));
    expect(events.map(({ resource }) => resource?.['name'] as unknown)).toEqual([
      '[AWS/EC2] ClusterName=web (Asia Pacific (Seoul))',
      '[AWS/EC2] ServiceName=web (Asia Pacific (Seoul))',
    ]);
    expect(new Set(events.map(({ event_key: key }) => key)).size).toBe(2);
  });

  it('without dimensions is an event of its own', () => {
    expect(read(notification({}, { Dimensions: [] }))).toMatchObject([
      { resource: { resource_id: sampleAlarm['AlarmArn'], name: '[AWS/EC2] CPUUtilization (Asia Pacific (Seoul))' } },
    ]);
  });
});

describe('a metric math alarm', () => {
  it('becomes an event for each dimension of each metric', () => {
    const events = read(metricMath(expression, metric('CPU', 'i-1', 'i-2'), metric('Network', 'i-1')));
    const seen = events.map((event) => [event.resource?.['resource_id'], event.additional_info?.['MetricName']]);
    expect(seen).toEqual([
      ['i-1', 'CPU'],
      ['i-2', 'CPU'],
      ['i-1', 'Network'],
    ]);
  });

  it('of expressions only is an event of its own', () => {
    expect(read(metricMath(expression))).toMatchObject([
      { resource: { resource_type: 'AWS/CloudWatch', name: '[AWS/CloudWatch] EC2-CPU (Asia Pacific (Seoul))' } },
    ]);
  });

  it('is refused by 1.2.1', () => {
    expect(outcome(metricMath(metric('CPU', 'i-1')), '1.2.1')).toBe(
      'ERROR_REQUIRED_PARAMETER: Required parameter. (key = data.Message.Trigger.Dimensions)',
    );
  });
});

describe('the key of an event', () => {
  const keyOf = (changes: Json, trigger?: Json) => read(notification(changes, trigger))[0]?.event_key;

  it.each<[string, Json]>([
    ['twice', {}],
    ['in another state', { NewStateValue: 'OK' }],
    ['again within ten minutes', { StateChangeTime: '2021-06-23T08:49:59.999+0000' }],
    ['with its time in another zone', { StateChangeTime: '2021-06-23T17:41:06.622+0900' }],
  ])('is the same for the same alarm %s', (_, changes) => {
    expect(keyOf(changes)).toBe(keyOf({}));
  });

  it.each<[string, Json, Json?]>([
    ['account', { AWSAccountId: '000000000000' }],
    ['alarm', { AlarmName: 'EC2-CPU-2' }],
    ['time', { StateChangeTime: '2021-06-23T08:50:00.000+0000' }],
    ['region', { Region: 'US East (Ohio)' }],
    ['resource', {}, { Dimensions: [{ name: 'InstanceId', value: 'i-1' }] }],
  ])('is another one for another %s', (_, changes, trigger) => {
    expect(keyOf(changes, trigger)).not.toBe(keyOf({}));
  });
});

describe('what is no alarm', () => {
  const required = (key: string) => `ERROR_REQUIRED_PARAMETER: Required parameter. (key = ${key})`;
  const type = (key: string, name: string) =>
    `ERROR_INVALID_PARAMETER_TYPE: Parameter type is invalid. (key = ${key}, type = ${name})`;
  const bad = (key: string, reason: string) =>
    `ERROR_INVALID_PARAMETER: Parameter is invalid. (key = ${key}, reason = ${reason})`;
  const dimension = { name: 'InstanceId', value: 'i-1' };

  it.each<[string, unknown, string]>([
    ['nothing', undefined, required('data')],
    ['an empty object', {}, required('data.Message')],
    ['a Message that is an object', { ...sample, Message: {} }, type('data.Message', 'string')],
    ['text', { ...sample, Message: 'hello' }, bad('data.Message', 'is not JSON, and so no CloudWatch alarm')],
    ['a JSON list', { ...sample, Message: '[]' }, type('data.Message', 'object')],
    ['JSON null', { ...sample, Message: 'null' }, required('data.Message')],
    ['an unknown Type', { ...sample, Type: 'Other' }, bad('data.Type', 'Other is no type of SNS')],
    ['a Type that is a number', { ...sample, Type: 1 }, type('data.Type', 'string')],
    ...['AlarmName', 'AWSAccountId', 'Region', 'NewStateValue', 'StateChangeTime', 'Trigger'].map(
      (key): [string, unknown, string] => [
        `an alarm without ${key}`,
        notification({ [key]: undefined }),
        required(`data.Message.${key}`),
      ],
    ),
    ['an empty name', notification({ AlarmName: '' }), required('data.Message.AlarmName')],
    ['a name that is a number', notification({ AlarmName: 7 }), type('data.Message.AlarmName', 'string')],
    ['an ARN that is a list', notification({ AlarmArn: [] }), type('data.Message.AlarmArn', 'string')],
    [
      'no time',
      notification({ StateChangeTime: 'June' }),
      bad('data.Message.StateChangeTime', 'is no time in ISO 8601'),
    ],
    ['a Trigger that is a list', notification({ Trigger: [] }), type('data.Message.Trigger', 'object')],
    ['no Namespace', notification({}, { Namespace: null }), required('data.Message.Trigger.Namespace')],
    ['no MetricName', notification({}, { MetricName: '' }), required('data.Message.Trigger.MetricName')],
    [
      'Dimensions that are an object',
      notification({}, { Dimensions: {} }),
      type('data.Message.Trigger.Dimensions', 'list'),
    ],
    [
      'a dimension that is a string',
      notification({}, { Dimensions: ['a'] }),
      type('data.Message.Trigger.Dimensions[0]', 'object'),
    ],
    [
      'a dimension without value',
      notification({}, { Dimensions: [dimension, { name: 'InstanceId' }] }),
      required('data.Message.Trigger.Dimensions[1].value'),
    ],
    [
      'a metric without Metric',
      metricMath({ Id: 'm1', MetricStat: {} }),
      required('data.Message.Trigger.Metrics[0].MetricStat.Metric'),
    ],
    [
      'too many dimensions',
      notification({}, { Dimensions: Array<unknown>(1_001).fill(dimension) }),
      bad('data.Message.Trigger', 'has 1001 dimensions, at most 1000'),
    ],
  ])('%s: is refused, naming the key', (_, data, details) => {
    expect(outcome(data)).toBe(details);
  });
});
