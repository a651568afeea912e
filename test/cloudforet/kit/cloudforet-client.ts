import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { PythonEnvironment } from './python-environment.js';

/** How its client tells of an error. */
export interface ClientError {
  readonly class: string;
  readonly error_code: string;
  readonly status_code: string;
  readonly message: string;
}

/** What a call came to. */
export interface Told {
  readonly ok?: Record<string, unknown>;
  readonly error?: ClientError;
  readonly seconds: number;
}

export interface CallOptions {
  readonly token?: string | undefined;
  readonly x_domain_id?: string | undefined;
  /** In seconds. */
  readonly timeout?: number | undefined;
}

/** Cloudforet's own client, in a process of its own: it makes one call after the other. */
export class CloudforetClient {
  private readonly waiting = new Map<number, { resolve(told: Told): void; reject(error: Error): void }>();
  private calls = 0;
  private errors = '';

  private constructor(private readonly child: ChildProcessByStdio<Writable, Readable, Readable>) {
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.errors += text));
    createInterface(child.stdout).on('line', (line) => {
      const { id, ...told } = JSON.parse(line) as Told & { id: number };
      this.waiting.get(id)?.resolve(told);
      this.waiting.delete(id);
    });
    child.once('exit', (code) => {
      const ended = new Error(`Cloudforet's client has ended with ${code}. ${this.errors}`);
      for (const { reject } of this.waiting.values()) reject(ended);
    });
  }

  /** @param env what it finds in its environment besides */
  static start({ python }: PythonEnvironment, env: Record<string, string> = {}): CloudforetClient {
    const child = spawn(python, [join(import.meta.dirname, 'client.py')], {
      env: { PATH: process.env['PATH'], PYTHONIOENCODING: 'utf-8', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    return new CloudforetClient(child);
  }

  /** What it has learnt by reflection of what is there: the methods of each service, by its short name. */
  async services(endpoint: string): Promise<Record<string, string[]>> {
    const { ok, error } = await this.send({ endpoint });
    if (ok === undefined) throw new Error(`${endpoint}: ${JSON.stringify(error)}`);
    return ok as Record<string, string[]>;
  }

  /** @param endpoint `grpc://host:port` @param method `Plugin.get_plugin_endpoint` */
  call(endpoint: string, method: string, params: object = {}, options: CallOptions = {}): Promise<Told> {
    return this.send({ endpoint, method, params, ...options });
  }

  async close(): Promise<void> {
    if (this.child.exitCode !== null) return;
    this.child.stdin.end();
    await once(this.child, 'exit');
  }

  private send(request: object): Promise<Told> {
    const id = ++this.calls;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.child.stdin.write(`${JSON.stringify({ id, ...request })}\n`);
    });
  }
}
