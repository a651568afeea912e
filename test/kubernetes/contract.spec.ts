import { describeDriver, type Behaviour, type DriverRoom } from '../contract/driver.contract.js';
import { TestCluster } from './test-cluster.js';

const ENV: Record<Behaviour, Record<string, string>> = {
  serve: {},
  crash: { CRASH_AT_START: '1' },
  'ignore-term': { IGNORE_SIGTERM: '1' },
  'with-descendants': { WITH_CHILD: '1' },
  'missing-command': {},
};

for (const headless of [false, true]) {
  describeDriver(`kubernetes, ${headless ? 'headless' : 'by Service'}`, async (): Promise<DriverRoom> => {
    const cluster = await TestCluster.open();
    return {
      open: () => cluster.driver({ headless }),
      launch: (behaviour) => ({
        container: {
          image: `registry.test/${behaviour === 'missing-command' ? 'no-such-plugin' : 'plugin-a'}`,
          env: ENV[behaviour],
        },
      }),
      count: async (launchId) => (await cluster.processes(launchId)).length,
      kill: (launchId) => {
        for (const { metadata } of cluster.pods(launchId)) cluster.kubelet.kill(metadata.name);
        return Promise.resolve();
      },
      dispose: () => cluster.close(),
    };
  });
}
