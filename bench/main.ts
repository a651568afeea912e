/** Measures Berth against baselines in the same run, and prints a table. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Row, Scenario } from './kit/scenario.js';
import { table } from './kit/table.js';
import { autoLookup } from './scenarios/auto-lookup.js';
import { coldStart, coldStartOfMany } from './scenarios/cold-start.js';
import { dockerStart } from './scenarios/docker-start.js';
import { fanOut } from './scenarios/fan-out.js';
import { lookupsAmong10000, lookupsAmong100000, startUp } from './scenarios/many-plugins.js';
import { replacement } from './scenarios/replacement.js';
import { start } from './scenarios/start.js';
import { supervisorCalls } from './scenarios/supervisor-calls.js';
import { warmGrpc, warmRest } from './scenarios/warm-lookup.js';
import { jwtGrpc, jwtRest } from './scenarios/with-jwt.js';
import { workersGrpc, workersRest } from './scenarios/workers.js';

const scenarios: readonly Scenario[] = [
  start,
  warmGrpc,
  warmRest,
  jwtGrpc,
  jwtRest,
  autoLookup,
  workersGrpc,
  workersRest,
  coldStart,
  coldStartOfMany,
  replacement,
  supervisorCalls,
  fanOut,
  lookupsAmong10000,
  lookupsAmong100000,
  startUp,
  dockerStart,
];

const USAGE = `npm run bench [-- [--pairs N] [--processes N] [--seconds N] [--json FILE] [scenario …]]
Scenarios: ${scenarios.map(({ name }) => name).join(', ')}`;

function refuse(reason: string): never {
  process.stderr.write(`${reason}\nUsage: ${USAGE}\n`);
  process.exit(2);
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        help: { type: 'boolean', default: false },
        pairs: { type: 'string', default: '9' },
        processes: { type: 'string', default: '3' },
        seconds: { type: 'string', default: '2' },
        json: { type: 'string', default: join(import.meta.dirname, '../../bench-results/bench.json') },
      },
    });
  } catch (error) {
    return refuse((error as Error).message);
  }
}

const { values, positionals } = readArguments();
if (values.help) {
  process.stdout.write(`Usage: ${USAGE}\n`);
  process.exit(0);
}
const unknown = positionals.filter((name) => !scenarios.some((scenario) => scenario.name === name));
if (unknown.length > 0) refuse(`There is no scenario ${unknown.join(', ')}.`);
for (const name of ['pairs', 'processes', 'seconds'] as const) {
  if (!(Number(values[name]) > 0)) refuse(`--${name} must be a number above 0 (${name} = ${values[name]})`);
}

const say = (line: string) => process.stderr.write(`${line}\n`);
const rows: Row[] = [];
for (const scenario of scenarios) {
  if (positionals.length > 0 && !positionals.includes(scenario.name)) continue;
  say(`\n${scenario.name}: ${scenario.title}`);
  const settings = {
    pairs: Number(values.pairs),
    processes: Number(values.processes),
    seconds: Number(values.seconds),
    progress: (line: string) => say(`  ${line}`),
  };
  try {
    rows.push(...(await scenario.run(settings)));
  } catch (error) {
    // The others are measured all the same.
    const details = error instanceof Error ? error.message : String(error);
    rows.push({ scenario: scenario.name, what: 'failed', figure: '', details, goal: '', met: false, data: {} });
  }
}
const machine = { node: process.version, processors: cpus().length, model: cpus()[0]?.model ?? '' };
process.stdout.write(`\n${table(rows)}\n`);
mkdirSync(dirname(values.json), { recursive: true });
writeFileSync(values.json, JSON.stringify({ machine, measured: new Date().toISOString(), rows }, null, 2));
say(`\nWritten to ${values.json}.`);
process.exitCode = rows.some(({ met }) => met === false) ? 1 : 0;
