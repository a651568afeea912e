import type { Exit, LaunchEvents } from '../driver.js';
import type { EngineClient } from './engine-client.js';
import type { Container } from './engine-types.js';

/** Tells of the end of one container: once, unless it is silenced before. */
export class ContainerWatch {
  private silent = false;

  constructor(
    private readonly engine: EngineClient,
    private readonly name: string,
    private readonly events: LaunchEvents,
    /** Called when there is nothing more to tell. */
    private readonly over: () => void,
  ) {}

  silence(): void {
    this.silent = true;
    this.over();
  }

  /** @param unseen whether the engine was away meanwhile */
  async look(unseen: boolean): Promise<void> {
    if (this.silent) return;
    const exit = exitOf(await this.engine.inspect(this.name), unseen);
    if (exit === undefined || this.silent) return;
    this.silence();
    this.events.exited(exit);
  }
}

/** @returns undefined while it runs */
function exitOf(container: Container | undefined, unseen: boolean): Exit | undefined {
  if (container === undefined) return { reason: 'its container was removed', blameless: true };
  const { Running, ExitCode, OOMKilled, Error: error } = container.State;
  if (Running) return undefined;
  if (unseen) return { reason: `ended while the Docker engine was away (exit code ${ExitCode})`, blameless: true };
  if (OOMKilled) {
    const limit = Math.round((container.HostConfig.Memory ?? 0) / 1024 / 1024);
    return { reason: `was killed: it used more memory than its limit of ${limit} MiB (OOMKilled)`, blameless: false };
  }
  const signal = ExitCode > 128 ? ` (signal ${ExitCode - 128})` : '';
  return { reason: `exited with code ${ExitCode}${signal}${error === '' ? '' : `: ${error}`}`, blameless: false };
}
