/**
 * Does to real servers, agents, plugins and databases what bad days do, and tells what became of the promises.
 *
 *     npm run test:faults [-- [--rounds N] [scenario …]]
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Finding, Scenario } from './kit/scenario.js';
import { World } from './kit/world.js';
import { scenarios } from './scenarios/index.js';

interface Verdict {
  readonly scenario: Scenario;
  readonly figure: string;
  readonly met: boolean;
}

const say = (line: string) => process.stdout.write(`${line}\n`);

async function judge(scenario: Scenario): Promise<Verdict> {
  say(`\n${scenario.name} (promise ${scenario.promise})`);
  say(`  injected  ${scenario.injected}`);
  say(`  promised  ${scenario.promised}`);
  const began = performance.now();
  await using world = new World();
  const finding = await scenario
    .run(world)
    .catch((error: unknown): Finding => ({ figure: `did not get that far: ${String(error)}`, met: false }));
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  say(`  measured  ${finding.figure}: ${finding.met ? 'kept' : 'BROKEN'} (${seconds} s)`);
  if (!finding.met) {
    const file = join(mkdtempSync(join(tmpdir(), 'berth-broken-')), `${scenario.name}.log`);
    writeFileSync(file, world.log);
    say(`  what the servers logged is in ${file}`);
  }
  return { scenario, ...finding };
}

function table(round: number, verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ scenario, figure, met }) => [
    String(scenario.promise),
    scenario.name,
    figure,
    met ? 'kept' : 'BROKEN',
  ]);
  const widths = [0, 1, 2].map((at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const lines = rows.map((row) => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  '));
  return [`\nRound ${round}`, ...lines].join('\n');
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '1' } },
});
const unknown = positionals.filter((name) => !scenarios.some((scenario) => scenario.name === name));
if (unknown.length > 0) {
  say(`There is no scenario ${unknown.join(', ')}; there are ${scenarios.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}
const chosen = scenarios.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
let broken = 0;
for (let round = 1; round <= Number(values.rounds); round++) {
  const verdicts: Verdict[] = [];
  for (const scenario of chosen) verdicts.push(await judge(scenario));
  say(table(round, verdicts));
  broken += verdicts.filter(({ met }) => !met).length;
}
say(broken === 0 ? '\nEvery promise was kept.' : `\n${broken} promises were BROKEN.`);
process.exit(broken === 0 ? 0 : 1);
