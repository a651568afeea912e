import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.js';
import { freePort } from './free-port.js';

const installed = (program: string, ...args: string[]): boolean => {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
};

/** What a registry needs and this machine does not have; '' where there is nothing. */
export function missingForRegistry(): string {
  const missing = [['docker-registry', '--version'] as const, ['htpasswd', '-h'] as const]
    .filter(([program, argument]) => !installed(program, argument))
    .map(([program]) => program);
  return missing.length === 0 ? '' : `${missing.join(', ')} not installed`;
}

/** The reference implementation of the distribution API, with a password: Debian's docker-registry. */
export class RegistryProcess {
  private child?: ChildProcess;
  readonly login = { username: 'robot', password: 'correct horse' };

  private constructor(
    /** `host:port` */
    readonly host: string,
    private readonly folder: string,
  ) {}

  static async start(): Promise<RegistryProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'berth-registry-'));
    const host = `127.0.0.1:${await freePort()}`;
    const registry = new RegistryProcess(host, folder);
    const { username, password } = registry.login;
    const passwords = execFileSync('htpasswd', ['-Bbn', username, password], { encoding: 'utf8' });
    writeFileSync(join(folder, 'htpasswd'), passwords.trim());
    const settings = {
      version: 0.1,
      log: { level: 'error' },
      storage: { filesystem: { rootdirectory: join(folder, 'data') } },
      http: { addr: host },
      auth: { htpasswd: { realm: 'berth', path: join(folder, 'htpasswd') } },
    };
    writeFileSync(join(folder, 'config.yml'), JSON.stringify(settings));
    await registry.resume();
    return registry;
  }

  /** Starts it, or starts it again with all that it had. */
  async resume(): Promise<void> {
    this.child = spawn('docker-registry', ['serve', join(this.folder, 'config.yml')], { stdio: 'ignore' });
    await eventually(async () => {
      const { status } = await this.send('GET', '/v2/');
      if (status !== 200) throw new Error(`The registry answers ${status}.`);
    });
  }

  /** A request with the password. */
  send(method: string, path: string, body?: string, type = 'application/octet-stream'): Promise<Response> {
    const { username, password } = this.login;
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    return fetch(new URL(path, `http://${this.host}`), {
      method,
      body,
      headers: { authorization, 'content-type': type },
    });
  }

  /** Resolves when it is gone. */
  async stop(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const over = once(child, 'exit');
    child.kill('SIGKILL');
    await over;
  }

  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
