import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const requirements = join(import.meta.dirname, 'requirements.txt');
const CANDIDATES = ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];
const MINOR = 10;
/** What pip says of a package index that it does not reach. */
const UNREACHABLE =
  /Temporary failure in name resolution|Name or service not known|NewConnectionError|ConnectTimeout|ReadTimeout|ProxyError|Network is unreachable|Connection refused/i;

/** Cloudforet's Python packages, in an environment of their own. */
export interface PythonEnvironment {
  readonly python: string;
  /** Where its programs are: `spaceone`. */
  readonly bin: string;
}

/**
 * Installs the packages, once for each list of them: they are kept in the cache folder of the user.
 *
 * @returns why they cannot be had here, as text
 * @throws Error where they can be had, and not be installed
 */
export async function pythonEnvironment(): Promise<PythonEnvironment | string> {
  const python = await findPython();
  if (python === undefined) return `no Python 3.${MINOR} or newer`;
  const key = createHash('sha256').update(readFileSync(requirements)).update(python.version).digest('hex').slice(0, 12);
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const folder = join(cache, 'berth', `cloudforet-${key}`);
  const bin = join(folder, 'bin');
  const done = join(folder, 'complete');
  const environment = { python: join(bin, 'python'), bin };
  if (existsSync(done)) return environment;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    await run(python.command, ['-m', 'venv', folder]);
  } catch (error) {
    return `${python.command} -m venv does not work: ${lastLine(error)}`;
  }
  const options = ['--quiet', '--disable-pip-version-check', '--no-input', '--timeout', '20', '--retries', '1'];
  try {
    await run(environment.python, ['-m', 'pip', 'install', ...options, '-r', requirements], { maxBuffer: 2 ** 24 });
  } catch (error) {
    if (UNREACHABLE.test(String((error as { stderr?: unknown }).stderr))) return `no PyPI: ${lastLine(error)}`;
    throw error;
  }
  writeFileSync(done, '');
  return environment;
}

async function findPython(): Promise<{ command: string; version: string } | undefined> {
  const script = 'import sys; print(sys.version_info[0], sys.version_info[1], sys.executable)';
  for (const command of CANDIDATES) {
    const version = await run(command, ['-c', script]).then(
      ({ stdout }) => stdout.trim(),
      () => '',
    );
    const [major, minor] = version.split(' ').map(Number);
    if (major === 3 && minor !== undefined && minor >= MINOR) return { command, version };
  }
  return undefined;
}

function lastLine(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  return (stderr || message).trim().split('\n').at(-1) ?? '';
}
