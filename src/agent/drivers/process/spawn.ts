import { spawn, type ChildProcess } from 'node:child_process';
import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { DriverError } from '../driver-error.js';
import type { LaunchSpec } from '../driver.js';

/** All that the system needs to start a process. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The argument vector of a launch.
 *
 * @throws DriverError where there is none
 */
export function argvOf(spec: LaunchSpec): [file: string, ...args: string[]] {
  const [file, ...args] = spec.process?.command ?? [];
  if (!file) throw new DriverError('The assignment names no command for the process driver (process.command).', false);
  // Whoever runs the agent has a Node.js, but not always in the PATH.
  return [file === 'node' ? process.execPath : file, ...args];
}

/**
 * The directory a plugin runs in: never outside the plugin directory, not even through a link.
 *
 * @throws DriverError where it is missing or outside
 */
export async function workingDirectoryOf(spec: LaunchSpec, pluginDirectory: string): Promise<string> {
  const named = spec.process?.working_directory ?? '.';
  const wanted = resolve(pluginDirectory, named);
  const [base, directory] = await Promise.all([realpath(pluginDirectory), realpath(wanted)]).catch((error: Error) => {
    throw new DriverError(`The working directory ${wanted} cannot be used: ${error.message}`, false, { cause: error });
  });
  const path = relative(base, directory);
  if (path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path)) {
    throw new DriverError(
      `The working directory ${named} lies outside the plugin directory ${pluginDirectory}.`,
      false,
    );
  }
  if (!(await stat(directory)).isDirectory()) {
    throw new DriverError(`The working directory ${wanted} is not a directory.`, false);
  }
  return directory;
}

/**
 * Starts a process in a group of its own, its output appended to `logFd`, its input closed.
 *
 * @throws DriverError naming the command where the system refuses it
 */
export async function startProcess(command: Command, logFd: number): Promise<ChildProcess & { pid: number }> {
  try {
    const child = spawn(command.file, command.args, {
      cwd: command.cwd,
      env: command.env,
      detached: true,
      stdio: ['ignore', logFd, logFd],
    });
    await new Promise<void>((started, failed) => {
      child.once('spawn', started);
      child.once('error', failed);
    });
    // The agent may end before its plugins do.
    child.unref();
    return child as ChildProcess & { pid: number };
  } catch (error) {
    throw spawnError(command, error as NodeJS.ErrnoException);
  }
}

/** What repeating does not help against; the rest (no memory, too many processes) may pass. */
const PERMANENT: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such command',
  EACCES: 'it may not be executed',
  ENOEXEC: 'it is not a program',
  ENOTDIR: 'part of its path is not a directory',
  E2BIG: 'its arguments and environment are too long',
  ERR_INVALID_ARG_VALUE: 'an argument holds a null byte',
};

function spawnError(command: Command, error: NodeJS.ErrnoException): DriverError {
  const permanent = PERMANENT[error.code ?? ''];
  const why = permanent ?? error.message;
  const message = `Cannot start the command ${JSON.stringify(command.file)} in ${command.cwd}: ${why} (${error.code ?? error.name}).`;
  return new DriverError(message, permanent === undefined, { cause: error });
}
