import { describe, expect, it } from 'vitest';
import { bindingId, type BindingKey, installedPluginId } from './installed-plugin.js';

const id = (domainId: string, pluginId: string, version: string, selector: BindingKey['selector'] = {}) =>
  bindingId({ domainId, pluginId, version, selector });

describe('the id of a binding', () => {
  it('is its parts as they are, where nothing in them is odd', () => {
    expect(id('domain-1', 'plugin-a', '1.0.0')).toBe('domain-1/plugin-a/1.0.0/');
    expect(id('domain-1', 'plugin-a', '1.0.0', { zone: 'a', area: 'b' })).toBe('domain-1/plugin-a/1.0.0/area=b&zone=a');
  });

  it('is of one binding alone, whatever separators its parts hold', () => {
    const ids = [
      id('a/b', 'c', '1'),
      id('a', 'b/c', '1'),
      id('a', 'b', 'c/1'),
      id('a%2Fb', 'c', '1'),
      id('a', 'b', '1', { c: 'd&e=f' }),
      id('a', 'b', '1', { c: 'd', e: 'f' }),
      id('a', 'b', '1/c=d&e=f'),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids[0]).toBe('a%2Fb/c/1/');
  });

  it('has all that is odd written so that it can be told apart', () => {
    expect([id('%', 'b', 'c'), id('a', '%', 'c'), id('a', 'b', '%')]).toEqual(['%25/b/c/', 'a/%25/c/', 'a/b/%25/']);
    expect(id('a', 'b', 'c', { '%': '&' })).toBe('a/b/c/%25=%26');
    expect(id('', 'b', '')).toBe('/b//');
  });
});

it('identifies an instance by its supervisor, plugin and version', () => {
  expect(installedPluginId('s1', 'plugin-a', '1.0.0')).toBe('s1/plugin-a@1.0.0');
});
