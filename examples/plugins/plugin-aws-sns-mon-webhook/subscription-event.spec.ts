import { expect, it } from 'vitest';
import { parse } from './parse.js';
import { readVersion } from './version.js';

const notice = (changes: Record<string, unknown> = {}) => ({
  Type: 'SubscriptionConfirmation',
  Token: '2336412f37fb',
  TopicArn: 'arn:aws:sns:ap-northeast-2:257706363616:spaceone-notification',
  Message: 'You have chosen to subscribe to the topic.',
  SubscribeURL: 'https://sns.ap-northeast-2.amazonaws.com/?Action=ConfirmSubscription&Token=2336412f37fb',
  Timestamp: '2021-06-23T08:41:06.656Z',
  ...changes,
});
const read = (data: unknown) => parse(data, readVersion('1.2.1'));

it('asks people to confirm a subscription', () => {
  expect(read(notice())).toMatchObject([
    {
      event_type: 'ALERT',
      severity: 'INFO',
      title: 'Confirm the SNS subscription: spaceone-notification',
      account: '257706363616',
      resource: { resource_id: notice().TopicArn, resource_type: 'AWS/SNS' },
      additional_info: { SubscribeURL: notice().SubscribeURL },
    },
  ]);
});

it('warns that a subscription has ended', () => {
  expect(read(notice({ Type: 'UnsubscribeConfirmation' }))).toMatchObject([{ severity: 'WARNING' }]);
});

it('gives the same confirmation the same key, another one another', () => {
  const keyOf = (changes?: Record<string, unknown>) => read(notice(changes))[0]?.event_key;
  expect(keyOf()).toBe(keyOf({ Timestamp: '2021-06-23T09:00:00.000Z' }));
  expect(keyOf()).not.toBe(keyOf({ Token: 'another' }));
});

it.each<[string, Record<string, unknown>]>([
  ['TopicArn', { TopicArn: 'arn:aws:s3:::bucket' }],
  ['TopicArn', { TopicArn: undefined }],
  ['Token', { Token: undefined }],
  ['Timestamp', { Timestamp: 'now' }],
  ['SubscribeURL', { SubscribeURL: 'https://sns.ap-northeast-2.amazonaws.com.evil.example/' }],
  ['SubscribeURL', { SubscribeURL: 'https://sns.a.amazonaws.com@evil.example/' }],
  ['SubscribeURL', { SubscribeURL: 'http://sns.ap-northeast-2.amazonaws.com/' }],
  ['SubscribeURL', { SubscribeURL: 'confirm' }],
])('refuses a notice whose %s is not to be trusted: %j', (key, changes) => {
  expect(() => read(notice(changes))).toThrow(`key = data.${key}`);
});
