import { randomUUID } from 'node:crypto';
import { describe, inject } from 'vitest';
import { describeDriver, type Behaviour, type DriverRoom } from '../contract/driver.contract.js';
import { Engine } from './kit/engine.js';

const ENV: Record<Behaviour, Record<string, string>> = {
  serve: {},
  crash: { CRASH_AT_START: '1' },
  'ignore-term': { IGNORE_SIGTERM: '1' },
  'with-descendants': { WITH_CHILD: '1', WITH_ESCAPED_CHILD: '1' },
  'missing-command': {},
};

describe.skipIf(inject('docker') === undefined)('on a Docker engine', () => {
  describeDriver('docker', (): Promise<DriverRoom> => {
    const engine = new Engine();
    const agentId = randomUUID();
    return Promise.resolve({
      open: () => Promise.resolve(engine.driver({ agentId })),
      launch: (behaviour) => ({
        container: engine.container(
          behaviour === 'missing-command' ? 'no-such-plugin' : 'plugin-contract',
          ENV[behaviour],
        ),
      }),
      count: (launchId) => Promise.resolve(engine.processes(launchId)),
      kill: (launchId) => Promise.resolve(engine.kill(launchId)),
      dispose: () => Promise.resolve(),
    });
  });
});
