import { expect, it } from 'vitest';
import { InstanceReport_Phase as Phase } from '../generated/berth/link/v1/link.js';
import { Outbox } from './outbox.js';

it('keeps of each instance the newest report, in the order of the news', () => {
  const outbox = new Outbox();
  outbox.put({ plugin_id: 'a', version: '1', phase: Phase.STARTING });
  outbox.put({ plugin_id: 'b', version: '1', phase: Phase.STARTING });
  outbox.put({ plugin_id: 'a', version: '2', phase: Phase.STARTING });
  outbox.put({ plugin_id: 'a', version: '1', phase: Phase.READY });
  const taken = [outbox.take(), outbox.take(), outbox.take(), outbox.take()];
  expect(taken.map((report) => report && `${report.plugin_id}@${report.version} ${report.phase}`)).toEqual([
    'b@1 STARTING',
    'a@2 STARTING',
    'a@1 READY',
    undefined,
  ]);
});
