import { serialize } from 'bson';
import { describe, expect, it } from 'vitest';
import { MessageReader, parseMessage, ProtocolError, replyTo } from './wire.js';

function message(flags: number, ...sections: Uint8Array[]): Buffer {
  const size = 20 + sections.reduce((total, section) => total + section.length, 0);
  const head = Buffer.alloc(20);
  [size, 9, 0, 2013, flags].forEach((value, i) => head.writeInt32LE(value, i * 4));
  return Buffer.concat([head, ...sections]);
}

const body = (doc: object): Buffer => Buffer.concat([Buffer.from([0]), serialize(doc)]);

function sequence(name: string, docs: object[]): Buffer {
  const content = Buffer.concat([Buffer.from(`${name}\0`), ...docs.map((doc) => serialize(doc))]);
  const head = Buffer.alloc(5);
  head.writeUInt8(1, 0);
  head.writeInt32LE(content.length + 4, 1);
  return Buffer.concat([head, content]);
}

describe('the wire', () => {
  it('reads bodies, sequences and silence', () => {
    const sequences = message(0, sequence('documents', [{ a: 1 }, { a: 2 }]), body({ insert: 'c', $db: 'd' }));
    expect(parseMessage(sequences)).toMatchObject({
      id: 9,
      silent: false,
      command: { insert: 'c', documents: [{ a: 1 }, { a: 2 }] },
    });
    expect(parseMessage(message(2, body({ ping: 1 }))).silent).toBe(true);
    expect(() => parseMessage(message(0, sequence('insert', [{ a: 1 }]), body({ insert: 1 })))).toThrow(ProtocolError);
    expect(() => parseMessage(message(1, body({ a: 1 })))).toThrow('unknown required flag');
    expect(() => parseMessage(message(0, body({ a: 1 }), body({ a: 1 })))).toThrow(ProtocolError);
  });

  it('finds messages however the bytes arrive', () => {
    const bytes = Buffer.concat([message(0, body({ a: 1 })), message(0, body({ b: 'x'.repeat(100) }))]);
    for (const step of [1, 3, 7, 50, bytes.length]) {
      const reader = new MessageReader();
      const found: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += step) found.push(...reader.add(bytes.subarray(at, at + step)));
      expect(Buffer.concat(found).equals(bytes)).toBe(true);
      expect(found.length).toBe(2);
    }
  });

  it('answers in the form it was asked in', () => {
    expect(replyTo({ id: 5, legacy: false }, { ok: 1 }).readInt32LE(12)).toBe(2013);
    const old = replyTo({ id: 5, legacy: true }, { ok: 1 });
    expect([old.readInt32LE(12), old.readInt32LE(8), old.readInt32LE(32)]).toEqual([1, 5, 1]);
    expect(old.readInt32LE(0)).toBe(old.length);
  });
});
