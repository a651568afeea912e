import assert from 'node:assert/strict';
import { inWords, median, quantile, timeEach } from '../figures.js';
import { request, type Scene } from './scene.js';

const WARM_UP = 200;
const LOOKUPS = 2_000;

/** Everybody else asks for it as well. */
export async function lookUp({ report, api }: Scene, endpoint: string): Promise<void> {
  const transports = [
    { name: 'gRPC', ask: () => api.getPluginEndpoint(request) },
    { name: 'REST', ask: () => api.getPluginEndpointOverRest(request) },
  ];
  for (const { name, ask } of transports) {
    const checked = async () => assert.equal((await ask()).endpoint, endpoint, `The endpoint over ${name}`);
    await timeEach(WARM_UP, checked);
    const measured = await timeEach(LOOKUPS, checked);
    const time = median(measured);
    report.step(`Ask again over ${name}, ${LOOKUPS.toLocaleString('en')} times`, {
      time,
      note: `median; 99 % within ${inWords(quantile(measured, 0.99))}`,
    });
  }
}
