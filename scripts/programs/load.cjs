'use strict';
// Starts a program of this folder: its code is in code/, what V8 has compiled of it in compiled/. Copied to dist/programs/.
//
// Node.js takes compiled code along with `module.enableCompileCache()` from 22.1 on; this serves Node.js 20 as well, and
// takes what was compiled when Berth was built. Code that was compiled by another Node.js is left alone.
const { closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync, writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { dirname, join, relative } = require('node:path');
const { setFlagsFromString } = require('node:v8');
const { Script } = require('node:vm');
const { originalStacks } = require('./stacks.cjs');

const CODE = join(__dirname, 'code');
const COMPILED = join(__dirname, 'compiled', `${process.version}-${process.platform}-${process.arch}`);

/**
 * How the garbage collector works, as it suits a server whose requests leave nothing behind.
 *
 * - It begins before the heap has grown by half of what is kept. Where a machine has memory, V8 else lets a heap grow to
 *   four times of what is in use, and does not give it back: a rush of first lookups leaves hundreds of megabytes behind.
 * - Objects of requests begin as young ones, which cost little to collect. V8 else makes them old for good at each place in
 *   the code whose objects have once lived longer: those of first lookups do, as they wait.
 * - Room for young objects does not grow during a start, which leaves few behind and would keep 16 MB more.
 *
 * V8 takes compiled code only where it was compiled with the same flags.
 */
const FLAGS = ['--heap-growing-percent=50', '--no-allocation-site-pretenuring', '--semi-space-growth-factor=1'];
const AFTER_START = '--semi-space-growth-factor=2';

/** From when on young objects get the room that calls need, in milliseconds: with most starts all is ready then. */
const START_TIME = 2_000;

const loaded = new Map();
const scripts = [];
let started = false;

/** A file of code/, run once. */
function load(file) {
  const known = loaded.get(file);
  if (known !== undefined) return known.exports;
  const module = { exports: {} };
  loaded.set(file, module);
  const external = createRequire(file);
  const require = (name) => (name.startsWith('.') ? load(join(dirname(file), name)) : external(name));
  require.resolve = external.resolve;
  compile(file)(module.exports, require, module, file, dirname(file));
  return module.exports;
}

function compile(file) {
  for (const flag of FLAGS) setFlagsFromString(flag);
  const source = read(file);
  const text = `(function (exports, require, module, __filename, __dirname) {${source.latin1Slice()}\n})`;
  const script = new Script(text, {
    filename: file,
    // After the text was taken: both are read into the same memory.
    cachedData: existsSync(compiledFile(file)) ? read(compiledFile(file)) : undefined,
    importModuleDynamically: (name) => import(name),
  });
  scripts.push({ file, script });
  if (started) setFlagsFromString(AFTER_START);
  return script.runInThisContext();
}

const compiledFile = (file) => join(COMPILED, relative(CODE, file).replace(/\//g, '-'));

/** Memory that files are read into, one after another: in buffers of their own they would stay until the heap is collected. */
let memory = Buffer.alloc(0);

function read(file) {
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    if (memory.length < size) memory = Buffer.allocUnsafeSlow(size);
    return memory.subarray(0, readSync(descriptor, memory, 0, size, 0));
  } finally {
    closeSync(descriptor);
  }
}

/** Keeps what was compiled until now for the next start. */
function keepCompiled() {
  for (const flag of FLAGS) setFlagsFromString(flag);
  mkdirSync(COMPILED, { recursive: true });
  for (const { file, script } of scripts) writeFileSync(compiledFile(file), script.createCachedData());
}

exports.start = (program) => {
  originalStacks(CODE);
  if (process.env.BERTH_KEEP_COMPILED === 'true') process.on('exit', keepCompiled);
  load(join(CODE, `${program}.cjs`));
  memory = Buffer.alloc(0);
  setTimeout(() => {
    started = true;
    setFlagsFromString(AFTER_START);
  }, START_TIME).unref();
};
