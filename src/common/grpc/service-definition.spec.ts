import { describe, expect, it } from 'vitest';
import { PluginEndpoint, PluginService } from '../../generated/spaceone/api/plugin/v1/plugin.js';
import { guardedService } from './service-definition.js';

const { get_plugin_endpoint: method } = guardedService(PluginService, { get_plugin_endpoint: PluginEndpoint });
const write = (endpoint: unknown) => method?.responseSerialize({ endpoint, updated_version: '1.0.0' }) as Buffer;
const read = (bytes: Buffer) => PluginEndpoint.decode(bytes);

describe('answers of a method that is called all the time', () => {
  it('are each what was answered, whatever the one before was', () => {
    const answers = ['grpc://a:1', 'ü'.repeat(100_000), '', 'grpc://b:2'];
    const written = answers.map(write);
    expect(written.map((bytes) => read(bytes).endpoint)).toEqual(answers);
    expect(written[0]).toEqual(Buffer.from(PluginEndpoint.encode(read(written[0] as Buffer)).finish()));
  });

  it('are not mixed with one that could not be written', () => {
    const broken = {
      toString: () => {
        throw new Error('no text');
      },
    };
    write('grpc://b:2');
    expect(() => write(broken)).toThrow('no text');
    expect(read(write('grpc://c:3'))).toEqual({ endpoint: 'grpc://c:3', updated_version: '1.0.0' });
  });
});
