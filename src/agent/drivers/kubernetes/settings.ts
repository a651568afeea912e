import { readFileSync } from 'node:fs';
import type { V1ResourceRequirements, V1Toleration, V1Volume, V1VolumeMount } from '@kubernetes/client-node';
import { IsArray, IsBoolean, IsIn, IsInt, IsObject, IsOptional, IsString, Max, Min } from 'class-validator';
import { parse } from 'yaml';
import { compileValidator } from '../../../common/validation/compile-validator.js';
import type { LaunchSpec } from '../driver.js';

/** How plugins are run in the cluster; what is left out has a default. Keys of the settings file. */
class FileWorkload {
  @IsOptional() @IsInt() @Min(1) @Max(1_000) replicas?: number;
  /** Callers get the address of each Pod instead of that of the Service. */
  @IsOptional() @IsBoolean() headless?: boolean;
  @IsOptional() @IsObject() resources?: Record<string, unknown>;
  @IsOptional() @IsObject() node_selector?: Record<string, unknown>;
  @IsOptional() @IsArray() @IsObject({ each: true }) tolerations?: object[];
  @IsOptional() @IsArray() @IsString({ each: true }) image_pull_secrets?: string[];
  @IsOptional() @IsObject() env?: Record<string, unknown>;
  @IsOptional() @IsArray() @IsObject({ each: true }) volumes?: object[];
  @IsOptional() @IsArray() @IsObject({ each: true }) volume_mounts?: object[];
  @IsOptional() @IsObject() pod_annotations?: Record<string, unknown>;
  @IsOptional() @IsString() service_account?: string;
  @IsOptional() @IsString() priority_class?: string;
  /** `grpc`: grpc.health.v1; `tcp`: its port accepts. */
  @IsOptional() @IsIn(['grpc', 'tcp']) probe?: 'grpc' | 'tcp';
  /** 0 leaves it to the image, which must then name a user other than root. */
  @IsOptional() @IsInt() @Min(0) @Max(2_147_483_647) run_as_user?: number;
  /** Room in /tmp, the only place that a plugin may write to. */
  @IsOptional() @IsString() tmp_size?: string;
}

class FileSettings extends FileWorkload {
  @IsOptional() @IsString() cluster_domain?: string;
  /** The settings of some plugins, by resource type, or by resource type and plugin: `inventory.Collector?plugin-a`. */
  @IsOptional() @IsObject() overrides?: Record<string, unknown>;
}

/** What the objects of one plugin are made with. */
export interface WorkloadSettings {
  readonly replicas: number;
  readonly headless: boolean;
  readonly clusterDomain: string;
  readonly resources: V1ResourceRequirements;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly V1Toleration[];
  readonly imagePullSecrets: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly volumes: readonly V1Volume[];
  readonly volumeMounts: readonly V1VolumeMount[];
  readonly podAnnotations: Readonly<Record<string, string>>;
  readonly serviceAccount?: string;
  readonly priorityClass?: string;
  readonly probe: 'grpc' | 'tcp';
  readonly runAsUser: number;
  readonly tmpSize: string;
  readonly stopGraceSeconds: number;
  readonly livenessDelaySeconds: number;
}

const DEFAULTS = {
  replicas: 1,
  headless: false,
  resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '512Mi' } },
  node_selector: {},
  tolerations: [],
  image_pull_secrets: [],
  env: {},
  volumes: [],
  volume_mounts: [],
  pod_annotations: {},
  probe: 'grpc',
  run_as_user: 65_532,
  tmp_size: '256Mi',
} satisfies FileWorkload;

const validate = compileValidator(FileSettings);
const validateWorkload = compileValidator(FileWorkload);

const texts = (values: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));

/** How the plugins of an agent are run: from a settings file, or all by default. */
export class KubernetesSettings {
  private readonly common: FileWorkload;
  private readonly overrides: ReadonlyMap<string, FileWorkload>;
  private readonly clusterDomain: string;

  /**
   * @param content of the file
   * @param timings of the agent, in milliseconds
   * @throws Error naming the key at fault
   */
  constructor(
    content: unknown = {},
    private readonly timings: { readonly stopGraceMs: number; readonly startTimeoutMs: number },
  ) {
    const { overrides = {}, cluster_domain = 'cluster.local', ...common } = validate(content ?? {});
    this.common = common;
    this.clusterDomain = cluster_domain;
    this.overrides = new Map(
      Object.entries(overrides).map(([key, value]) => {
        try {
          return [key, validateWorkload(value)];
        } catch (error) {
          throw new Error(`overrides: ${key}: ${(error as Error).message}`, { cause: error });
        }
      }),
    );
  }

  /** @throws Error naming the file and the key at fault */
  static read(path: string | undefined, timings: { stopGraceMs: number; startTimeoutMs: number }): KubernetesSettings {
    try {
      return new KubernetesSettings(path === undefined ? {} : parse(readFileSync(path, 'utf8')), timings);
    } catch (error) {
      throw new Error(`The settings file ${path} is not usable: ${(error as Error).message}`, { cause: error });
    }
  }

  /** What is said of the plugin itself counts more than what is said of its resource type, and that more than the rest. */
  of({ resource_type, plugin_id }: Pick<LaunchSpec, 'resource_type' | 'plugin_id'>): WorkloadSettings {
    const said = [this.common, this.overrides.get(resource_type), this.overrides.get(`${resource_type}?${plugin_id}`)];
    const given = said.map((part) =>
      Object.fromEntries(Object.entries(part ?? {}).filter(([, value]) => value != null)),
    );
    const all = Object.assign({}, DEFAULTS, ...given) as FileWorkload & typeof DEFAULTS;
    const { stopGraceMs, startTimeoutMs } = this.timings;
    return {
      replicas: all.replicas,
      headless: all.headless,
      clusterDomain: this.clusterDomain,
      resources: all.resources as V1ResourceRequirements,
      nodeSelector: texts(all.node_selector),
      tolerations: all.tolerations,
      imagePullSecrets: all.image_pull_secrets,
      env: texts(all.env),
      volumes: all.volumes as V1Volume[],
      volumeMounts: all.volume_mounts as V1VolumeMount[],
      podAnnotations: texts(all.pod_annotations),
      serviceAccount: all.service_account,
      priorityClass: all.priority_class,
      probe: all.probe as 'grpc' | 'tcp',
      runAsUser: all.run_as_user,
      tmpSize: all.tmp_size,
      stopGraceSeconds: Math.max(1, Math.ceil(stopGraceMs / 1_000)),
      livenessDelaySeconds: Math.ceil(startTimeoutMs / 1_000),
    };
  }
}
