import { FAKE_BEHAVIOUR, FakeDriver } from '../../src/agent/drivers/fake.driver.js';
import { describeDriver, type DriverRoom } from '../contract/driver.contract.js';

// What the agent's own tests run on keeps what they rely on.
describeDriver('fake', (): Promise<DriverRoom> => {
  const driver = new FakeDriver();
  return Promise.resolve({
    open: () => Promise.resolve(driver),
    launch: (behaviour) => ({ process: { command: ['fake'], env: { [FAKE_BEHAVIOUR]: behaviour } } }),
    count: (launchId) => Promise.resolve(driver.count(launchId)),
    kill: (launchId) => Promise.resolve(driver.end(launchId, { reason: 'SIGKILL', blameless: false })),
    dispose: () => Promise.resolve(),
  });
});
