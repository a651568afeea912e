// Puts each fault of test/mutations/faults.yaml into a copy of the checkout, one at a time, and tells whether the tests
// notice: first the spec that should, and where that passes, all of `npm test`. A fault that none notices fails the run.
//
//   npm run test:hand-faults                    all faults
//   npm run test:hand-faults -- lease journal   those whose text or file contains one of the words
//   npm run test:hand-faults -- --check         only whether each fault still fits the code
//   npm run test:hand-faults -- --specs         only the specs that are named, never all of `npm test`
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';

const root = resolve(import.meta.dirname, '..');
const { values: options, positionals: words } = parseArgs({
  options: { check: { type: 'boolean' }, specs: { type: 'boolean' } },
  allowPositionals: true,
});

const faults = parse(readFileSync(join(root, 'test/mutations/faults.yaml'), 'utf8')).filter(
  ({ fault, file }) => words.length === 0 || words.some((word) => fault.includes(word) || file.includes(word)),
);
const say = (text) => process.stdout.write(`${text}\n`);

/** The text of the file with the fault in it. */
function faulty({ file, find, replace }, directory) {
  const text = readFileSync(join(directory, file), 'utf8');
  const words = find.trim().split(/\s+/);
  const pattern = new RegExp(words.map((word) => word.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('\\s+'), 'g');
  const count = text.match(pattern)?.length ?? 0;
  if (count !== 1) throw new Error(`${file} has this ${count} times, not once:\n${find}`);
  return text.replace(pattern, () => replace);
}

function check() {
  const wrong = faults.flatMap((fault) => {
    try {
      faulty(fault, root);
      readFileSync(join(root, fault.spec));
      return [];
    } catch (error) {
      return [`${fault.fault}\n  ${error.message.replaceAll('\n', '\n  ')}`];
    }
  });
  if (faults.length === 0) wrong.push(`No fault is named by ${words.join(', ')}.`);
  if (wrong.length === 0) return say(`All ${faults.length} faults fit the code.`);
  say(`Faults that do not fit the code any more:\n${wrong.join('\n')}`);
  process.exit(1);
}

/** What git knows of the checkout, and what it would: no build, no data. */
function copy() {
  const directory = mkdtempSync(join(tmpdir(), 'berth-faults-'));
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
  for (const file of files.toString().split('\0').filter(Boolean)) {
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    cpSync(join(root, file), join(directory, file), { force: true });
  }
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  allowUnused(directory);
  return directory;
}

/** What a fault leaves unused is no error. */
function allowUnused(directory) {
  const path = join(directory, 'tsconfig.build.json');
  const config = JSON.parse(readFileSync(path, 'utf8'));
  Object.assign(config.compilerOptions, { noUnusedLocals: false, noUnusedParameters: false });
  writeFileSync(path, JSON.stringify(config));
}

/** Runs a program. Resolves with what it printed and whether it succeeded. */
function run(directory, command, ...args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: directory,
      env: { ...process.env, CI: '1', NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (output += part));
    const end = () => child.kill();
    process.once('exit', end);
    child.on('error', reject);
    child.on('close', (code) => {
      process.off('exit', end);
      resolve({ passed: code === 0, output });
    });
  });
}

/** The fault that the programs were built with; undefined for none, null before the first build. */
let builtWith = null;

/** Programs are built; what stands beside its source is tested as it is. */
async function build(directory, fault) {
  if (builtWith === fault) return;
  builtWith = null;
  const { passed, output } = await run(directory, 'npm', 'run', 'build');
  if (!passed) throw new Error(`it does not build:\n${output.trim().split('\n').slice(-15).join('\n')}`);
  builtWith = fault;
}

/** @returns the name of the first test that fails, undefined where all pass */
async function firstFailure(directory, ...command) {
  const { passed, output } = await run(directory, ...command);
  if (passed) return undefined;
  return /^ *FAIL +(.*)$/m.exec(output)?.[1].trim() ?? `no test, but the run: ${output.trim().split('\n').at(-1)}`;
}

async function specFailure({ spec, test }, directory, fault) {
  if (!spec.startsWith('src/')) await build(directory, fault);
  return firstFailure(directory, 'npx', 'vitest', 'run', spec, '--bail', '1', ...(test ? ['-t', test] : []));
}

const proven = new Set();

/** Without the fault the spec must pass, else it proves nothing: it is asked once for all faults that name it. */
async function sound(fault, directory) {
  const key = `${fault.spec} ${fault.test}`;
  if (proven.has(key)) return;
  const failed = await specFailure(fault, directory);
  // Perhaps the machine was too busy for it.
  if (failed !== undefined && (await specFailure(fault, directory)) !== undefined) {
    throw new Error(`it fails without the fault too: ${failed}`);
  }
  proven.add(key);
}

async function caughtBy(fault, directory) {
  await sound(fault, directory);
  const path = join(directory, fault.file);
  const whole = readFileSync(path);
  writeFileSync(path, faulty(fault, directory));
  try {
    const failed = await specFailure(fault, directory, fault);
    if (failed !== undefined || options.specs) return failed;
    await build(directory, fault);
    return await firstFailure(directory, 'npm', 'test');
  } finally {
    writeFileSync(path, whole);
  }
}

async function main() {
  const directory = copy();
  const missed = [];
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
  for (const fault of faults) {
    const began = Date.now();
    const by = await caughtBy(fault, directory).catch((error) => error);
    const seconds = `${Math.round((Date.now() - began) / 1000)} s`.padStart(6);
    if (by === undefined || by instanceof Error) missed.push(fault);
    const [verdict, detail] =
      by instanceof Error ? ['BROKEN    ', by.message] : by ? ['caught    ', by] : ['NOT CAUGHT', fault.file];
    say(`${verdict} ${seconds}  ${fault.fault}\n                    ${detail}`);
  }
  say(`${faults.length - missed.length} of ${faults.length} faults are caught.`);
  process.exit(missed.length === 0 ? 0 : 1);
}

check();
if (!options.check) await main();
