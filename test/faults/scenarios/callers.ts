import { transports } from '../../support/caller.js';
import { ask, installed } from '../kit/ask.js';
import { steady } from '../kit/catalog.js';
import type { Scenario } from '../kit/scenario.js';

export const foreignIds: Scenario = {
  promise: 6,
  name: 'foreign-ids',
  injected: 'each call that takes an id, with the id of another domain and with one that nobody has',
  promised: 'both are answered alike',
  async run(world) {
    const server = await world.startServer();
    await world.startAgent('agent-a', server);
    await ask(server, steady(0));
    const [row] = await installed(server, steady(0));
    const calls = ['get', 'enable', 'disable', 'deregister', 'update', 'register', 'recover_plugin', 'notify_failure'];
    let alike = 0;
    const different: string[] = [];
    for (const name of calls) {
      for (const transport of transports) {
        const answers = await Promise.all(
          [row?.supervisor_id ?? '', 'supervisor-000000000000'].map(async (supervisor_id) => {
            const more = ['recover_plugin', 'notify_failure'].includes(name)
              ? { plugin_id: steady(0), version: '1.0.0' }
              : {};
            const { status, code, message } = await server.call.send(transport, name, {
              supervisor_id,
              domain_id: 'domain-other',
              ...more,
            });
            return JSON.stringify([status, code, message?.replaceAll(supervisor_id, 'ID')]);
          }),
        );
        if (answers[0] === answers[1]) alike++;
        else different.push(`${name}: ${answers.join(' and ')}`);
      }
    }
    const kept = await installed(server, steady(0));
    return {
      figure: different[0] ?? `${alike} calls answered alike`,
      met: different.length === 0 && kept.length === 1,
    };
  },
};

/** Bytes and texts that no client should send. */
function rubbish(seed: number): { rest: string; grpc: Buffer } {
  const random = Array.from({ length: 64 }, (_, at) => (seed * 31 + at * 17 + ((seed * at) % 97)) % 256);
  const texts = [
    '{"plugin_id": {"$gt": ""}, "version": "1", "domain_id": "d"}',
    '{"__proto__": {"admin": true}, "plugin_id": "p", "version": "1", "domain_id": "d"}',
    '{"constructor": {"prototype": {}}, "plugin_id": "p"}',
    `{"plugin_id": ${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
    '{"plugin_id": "\\u0000", "version": "../../etc/passwd", "domain_id": "d"}',
    '{"plugin_id": 1e999, "version": -0, "domain_id": null}',
    '[]',
    'null',
    '"text"',
    '{',
    '',
  ];
  return {
    rest: seed % 2 === 0 ? (texts[(seed / 2) % texts.length] ?? '') : Buffer.from(random).toString('latin1'),
    grpc: Buffer.from(random),
  };
}

export const anyInput: Scenario = {
  promise: 16,
  name: 'any-input',
  injected: '600 malformed bodies and messages over both transports',
  promised: 'none is answered INTERNAL or 500, and the process lives',
  async run(world) {
    const server = await world.startServer();
    await world.startAgent('agent-a', server);
    const endpoint = await ask(server, steady(0));
    const bad = new Set<string>();
    const names = ['get_plugin_endpoint', 'notify_failure', 'publish', 'list', 'list_plugins', 'stat'];
    for (let seed = 0; seed < 300; seed++) {
      const name = names[seed % names.length] ?? '';
      const { rest, grpc } = rubbish(seed);
      for (const answer of [await server.call.send('rest', name, rest), await server.call.raw(name, grpc)]) {
        if (['INTERNAL', 'UNKNOWN'].includes(String(answer.status)) || Number(answer.status) >= 500) {
          bad.add(`${name}: ${answer.status} ${answer.message}`);
        }
      }
    }
    const alive = server.child.exitCode === null && (await ask(server, steady(0))) === endpoint;
    const [first] = bad;
    return { figure: first ?? `600 refused, ${alive ? 'alive' : 'dead'}`, met: bad.size === 0 && alive };
  },
};
