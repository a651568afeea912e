import { readFileSync } from 'node:fs';
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { describe, expect, it } from 'vitest';
import { InitRequest } from '../generated/berth/plugin/v1/init.js';
import { initMethodOf } from './init-method.js';

interface Api {
  /** Methods with their request and answer, by the names of services. */
  readonly services: Record<string, Record<string, [request: string, answer: string]>>;
  /** Fields with their number and type, by the names of messages. */
  readonly messages: Record<string, Record<string, [number: number, type: string]>>;
}

/** What Cloudforet's published API package holds, as facts. */
const api = JSON.parse(readFileSync('test/fixtures/spaceone-api-2.0.435.json', 'utf8')) as Api;

const services = Object.entries(api.services)
  .filter(([name, methods]) => /\.plugin\.\w+$/.test(name) && 'init' in methods)
  .map(([name, { init: [request, answer] = ['', ''] }]) => ({ name, request, answer }));

/** The types by which the official services are named elsewhere than by their own name. */
const types: Record<string, string> = { AccountCollector: 'Provider', ExternalAuth: 'Domain' };

/** Fields of an encoded message, by their numbers. */
function fieldsOf(bytes: Buffer): Map<number, Uint8Array> {
  const reader = new BinaryReader(bytes);
  const fields = new Map<number, Uint8Array>();
  while (reader.pos < reader.len) fields.set(reader.tag()[0], reader.bytes());
  return fields;
}

describe.each(services)('$name', ({ name, request, answer }) => {
  const [, room = '', service = ''] = /^spaceone\.api\.(\w+)\.plugin\.(\w+)$/.exec(name) ?? [];

  it.each([`${room}.${service}`, `${room}.${types[service] ?? service}`])('is asked for the type %s', (type) => {
    const { path, encode } = initMethodOf(type);
    expect(path).toBe(`/${name}/init`);
    const { options, domain_id, ...others } = api.messages[request] ?? {};
    expect(others).toEqual({});
    const fields = fieldsOf(encode({ url: 'x', list: [1] }, 'domain-a'));
    const [number] = options ?? [0];
    expect([...fields.keys()].sort()).toEqual([number, ...(domain_id ? [domain_id[0]] : [])].sort());
    expect(
      InitRequest.decode(Buffer.from([number * 8 + 2, fields.get(number)?.length ?? 0, ...(fields.get(number) ?? [])])),
    ).toEqual({
      options: { url: 'x', list: [1] },
    });
    if (domain_id) expect(Buffer.from(fields.get(domain_id[0]) ?? []).toString()).toBe('domain-a');
    expect(api.messages[answer]?.['metadata']).toEqual([1, 'google.protobuf.Struct']);
  });
});

it('knows all nine services', () => expect(services).toHaveLength(9));

it('takes the name of any other type for that of its service', () => {
  expect(initMethodOf('example.Thing').path).toBe('/spaceone.api.example.plugin.Thing/init');
  expect([...fieldsOf(initMethodOf('example.Thing').encode({}, 'd')).keys()]).toEqual([1, 21]);
});
