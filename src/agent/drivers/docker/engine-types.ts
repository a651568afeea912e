/** Of the engine's API, what is used: https://docs.docker.com/reference/api/engine/ */

export interface ContainerBody {
  readonly Image: string;
  readonly User?: string;
  readonly Env: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
  readonly ExposedPorts: Readonly<Record<string, object>>;
  readonly HostConfig: {
    readonly NetworkMode?: string;
    readonly PortBindings: Readonly<Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[]>>;
    readonly RestartPolicy: { readonly Name: 'no' };
    readonly Memory?: number;
    readonly MemorySwap?: number;
    readonly NanoCpus?: number;
    readonly PidsLimit: number;
    readonly CapDrop: readonly string[];
    readonly SecurityOpt: readonly string[];
    readonly ReadonlyRootfs: boolean;
    readonly Tmpfs: Readonly<Record<string, string>>;
    readonly LogConfig: { readonly Type: string; readonly Config: Readonly<Record<string, string>> };
  };
}

export interface Container {
  readonly Id: string;
  readonly Name: string;
  readonly State: {
    /** created, running, paused, restarting, removing, exited, dead */
    readonly Status: string;
    readonly Running: boolean;
    readonly ExitCode: number;
    readonly OOMKilled: boolean;
    readonly Error: string;
  };
  readonly Config: { readonly Labels: Readonly<Record<string, string>> | null; readonly StopSignal?: string };
  readonly HostConfig: { readonly Memory?: number };
  readonly NetworkSettings: {
    readonly Networks?: Readonly<Record<string, { readonly IPAddress?: string; readonly GlobalIPv6Address?: string }>>;
  };
}

export interface ContainerSummary {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly State: string;
  readonly Labels: Readonly<Record<string, string>>;
}

export interface Image {
  readonly Id: string;
  /** `name@sha256:…` for each registry that it was pulled from or pushed to. */
  readonly RepoDigests?: readonly string[] | null;
  readonly Config?: { readonly User?: string } | null;
}

export interface ContainerEvent {
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes?: Readonly<Record<string, string>> };
}

/** One line of what is told while an image is pulled. */
export interface PullLine {
  /** Of a layer. */
  readonly id?: string;
  readonly status?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly error?: string;
}

export interface EngineInfo {
  readonly MemTotal: number;
  readonly NCPU: number;
}
