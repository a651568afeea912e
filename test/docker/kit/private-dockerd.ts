import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { EngineClient } from '../../../src/agent/drivers/docker/engine-client.js';
import { EngineHttp } from '../../../src/agent/drivers/docker/engine-http.js';
import { eventually } from '../../support/eventually.js';

export interface DockerdOptions {
  /** Containers run on while it is stopped. */
  readonly liveRestore?: boolean;
  /** All that it stores has to fit into this, in MiB. */
  readonly diskMiB?: number;
}

const run = (command: string, ...args: string[]): string => execFileSync(command, args, { encoding: 'utf8' }).trim();

const succeeds = (command: string, ...args: string[]): boolean => {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** What a private dockerd needs and this machine does not have; '' where there is nothing. */
export function missingForDockerd(): string {
  if (process.getuid?.() !== 0) return 'only root can start one';
  const needed: [string, ...string[]][] = [
    ['dockerd', '--version'],
    ['docker', '--version'],
    ['ip', '-V'],
  ];
  const missing = needed.filter(([command, ...args]) => !succeeds(command, ...args)).map(([command]) => command);
  return missing.length === 0 ? '' : `${missing.join(', ')} not installed`;
}

/**
 * A Docker engine of the tests' own: with a socket, a bridge and a folder of its own, it touches neither the firewall nor
 * another engine of this machine.
 */
export class PrivateDockerd {
  private child?: ChildProcess;
  private readonly folder: string;
  private readonly bridge: string;

  private constructor(private readonly options: DockerdOptions) {
    // Short: the paths of sockets may have 107 characters.
    this.folder = mkdtempSync('/tmp/bd-');
    this.bridge = addBridge();
  }

  static async start(options: DockerdOptions = {}): Promise<PrivateDockerd> {
    const dockerd = new PrivateDockerd(options);
    const { folder } = dockerd;
    mkdirSync(join(folder, 'data'));
    if (options.diskMiB) run('mount', '-t', 'tmpfs', '-o', `size=${options.diskMiB}m`, 'tmpfs', join(folder, 'data'));
    await dockerd.resume();
    return dockerd;
  }

  get host(): string {
    return `unix://${this.folder}/docker.sock`;
  }

  /** The `docker` command, against this engine. @returns what it has printed */
  docker(...args: string[]): string {
    return dockerAt(this.host, args);
  }

  /** Starts it, or starts it again; resolves when it answers. */
  async resume(): Promise<void> {
    const log = openSync(join(this.folder, 'log'), 'a');
    const at = (name: string) => join(this.folder, name);
    const args = ['--data-root', at('data'), '--exec-root', at('exec'), '--pidfile', at('pid'), '--host', this.host];
    const network = ['--bridge', this.bridge, '--iptables=false', '--ip-masq=false', '--ip-forward=false'];
    const live = this.options.liveRestore ? ['--live-restore'] : [];
    const child = spawn('dockerd', [...args, ...network, ...live], { stdio: ['ignore', log, log] });
    this.child = child;
    const client = this.client();
    try {
      await eventually(async () => {
        if (child.exitCode !== null) throw new Error(`dockerd has ended:\n${this.log().slice(-2_000)}`);
        await client.info();
      });
    } finally {
      await client.close();
    }
  }

  /** Ends it, and leaves its containers to it. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const over = once(child, 'exit');
    child.kill(signal);
    await over;
  }

  /** Ends it with everything that it has. */
  async dispose(): Promise<void> {
    try {
      const containers = this.docker('ps', '--all', '--quiet').split('\n').filter(Boolean);
      if (containers.length > 0) this.docker('rm', '--force', ...containers);
    } finally {
      await this.stop();
      this.clean();
    }
  }

  private clean(): void {
    for (const mount of mountsUnder(this.folder)) run('umount', '--lazy', mount);
    run('ip', 'link', 'delete', this.bridge);
    rmSync(this.folder, { recursive: true, force: true });
  }

  client(): EngineClient {
    return new EngineClient(new EngineHttp({ host: this.host }));
  }

  private log(): string {
    return readFileSync(join(this.folder, 'log'), 'utf8');
  }
}

const NETWORKS = 256;

/**
 * A bridge with a network that no other interface has: packets to containers would take the first of two.
 * The name says the number of the network, and the kernel gives a name once: who adds it first has it.
 * @returns its name
 */
function addBridge(): string {
  for (let network = 0; network < NETWORKS; network++) {
    const prefix = `10.213.${network}.`;
    if (hasAddress(prefix)) continue;
    const bridge = `berth-test-${network}`;
    if (!succeeds('ip', 'link', 'add', bridge, 'type', 'bridge')) continue;
    run('ip', 'address', 'add', `${prefix}1/24`, 'dev', bridge);
    run('ip', 'link', 'set', bridge, 'up');
    return bridge;
  }
  throw new Error(`No bridge could be added: ip link add berth-test-0 type bridge, up to ${NETWORKS - 1}.`);
}

const hasAddress = (prefix: string): boolean =>
  Object.values(networkInterfaces())
    .flat()
    .some((address) => address?.address.startsWith(prefix));

/** The `docker` command, without settings of whoever runs the tests. */
export function dockerAt(host: string, args: readonly string[], config = '/nonexistent'): string {
  const env = { ...process.env, DOCKER_HOST: host, DOCKER_BUILDKIT: '0', DOCKER_CONFIG: config };
  return execFileSync('docker', args, { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

const mountsUnder = (folder: string): string[] =>
  readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder}/`))
    .reverse();
