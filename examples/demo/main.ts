import { Api } from './api.js';
import { deploy } from './chapters/deploy.js';
import { end } from './chapters/end.js';
import { lookUp } from './chapters/lookup.js';
import { repair } from './chapters/repair.js';
import type { Scene } from './chapters/scene.js';
import { upgrade } from './chapters/upgrade.js';
import { inWords, timed } from './figures.js';
import { Report } from './report.js';
import { Stage } from './stage.js';

async function tellStory(stage: Stage, report: Report): Promise<undefined> {
  report.title('Berth: somebody needs a plugin. From an empty directory, in processes of their own.');
  const { value: address, time } = await timed(() => stage.berth.ready());
  report.step('Start Berth', { time, note: `gRPC ${address.grpc}, ${address.http}` });
  const scene: Scene = { stage, report, api: new Api(address.grpc, address.http) };
  const deployed = await deploy(scene);
  await lookUp(scene, deployed.endpoint);
  await repair(scene, deployed);
  await upgrade(scene);
  await end(scene);
}

/** Resolves at Ctrl-C and the like: whatever the story has started has to be cleared away then, too. */
function interruption(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, resolve);
  });
}

// A reader who has seen enough (`npm run demo | head`) is no reason to leave anything behind.
process.stdout.on('error', () => undefined);

const report = new Report();
const stage = new Stage();
try {
  const { value: signal, time } = await timed(() => Promise.race([tellStory(stage, report), interruption()]));
  if (signal === undefined) report.end(`Every step held, in ${inWords(time)}.`);
  else report.end(`${signal}: clearing away.`);
  process.exitCode = signal === undefined ? 0 : 1;
} catch (error) {
  report.failure(error, stage.log);
  process.exitCode = 1;
} finally {
  await stage.clear();
}
process.exit();
