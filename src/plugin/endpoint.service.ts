import { status } from '@grpc/grpc-js';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { CatalogService } from '../catalog/catalog.service.js';
import { databaseError } from '../common/errors/database-errors.js';
import { BerthError } from '../common/errors/berth-error.js';
import {
  installTimeout,
  pluginFailure,
  pluginImageNotFound,
  pluginNotDeployable,
  requiredParameter,
} from '../common/errors/errors.js';
import type { LabelSelector } from '../common/labels.js';
import { TimeLimit } from '../common/time-limit.js';
import { untilAborted } from '../common/until-aborted.js';
import { bindingId, type BindingKey, type InstalledPlugin } from '../installed-plugin/installed-plugin.js';
import { CallLog } from './call-log.js';
import { EndpointDirectory, type RememberedEntry } from './endpoint-directory.js';
import { OlderVersions } from './older-versions.service.js';
import { type Endpoint, isReady } from './offer.js';
import { Placement } from './placement.service.js';
import { PLUGIN_OPTIONS, type PluginOptions } from './plugin.options.js';
import { WaitingRoom } from './waiting-room.js';

export interface EndpointRequest {
  readonly domainId: string;
  readonly pluginId: string;
  /** Needed unless `auto`. */
  readonly version?: string | undefined;
  /** Take the newest version of the catalog. */
  readonly auto: boolean;
  /** Labels that the supervisor must carry, as text. */
  readonly selector: LabelSelector;
}

/** How long, and for whom, to wait for an instance. */
export interface Patience {
  /** In milliseconds since 1970; Infinity where the caller did not say. */
  readonly deadline: number;
  readonly signal: AbortSignal;
}

/** The answer leaves this long before the caller's deadline, so that it hears the reason and not just silence. */
const ANSWER_TIME = 20;

/** So long, in milliseconds, callers who set no deadline wait for an upgrade while an older version serves. */
const UPGRADE_PATIENCE = 10_000;

/** Finds the endpoint of a plugin, and has the plugin deployed where nothing serves it yet. */
@Injectable()
export class EndpointService {
  private readonly logger = new Logger(EndpointService.name);
  private turn = 0;

  constructor(
    private readonly directory: EndpointDirectory,
    private readonly placement: Placement,
    private readonly older: OlderVersions,
    private readonly room: WaitingRoom,
    private readonly calls: CallLog,
    private readonly catalog: CatalogService,
    @Inject(PLUGIN_OPTIONS) private readonly options: PluginOptions,
  ) {}

  /**
   * What {@link find} would answer at once. Most callers ask for what runs, and a promise for each would cost more than
   * looking.
   *
   * @returns undefined where there is something to wait for, to look up, or to refuse
   */
  ready(request: EndpointRequest): Endpoint | undefined {
    const { auto, version } = request;
    return auto || version === undefined ? undefined : this.servingNow(bindingId(keyOf(request, version)));
  }

  /**
   * One live endpoint of the plugin. Resolves at once where an instance is ready, else as soon as it is. Where the newest
   * version is asked for and does not come up, an older one that serves is answered.
   *
   * @throws BerthError ERROR_REQUIRED_PARAMETER, ERROR_PLUGIN_NOT_FOUND, ERROR_INVALID_PLUGIN_VERSION,
   * ERROR_NO_POSSIBLE_SUPERVISOR, ERROR_PLUGIN_FAILURE, ERROR_PLUGIN_IMAGE_NOT_FOUND, ERROR_PLUGIN_STATE_CHANGE, ERROR_INSTALL_PLUGIN_TIMEOUT, ERROR_TOO_MANY_REQUESTS
   */
  async find(request: EndpointRequest, patience: () => Patience): Promise<Endpoint> {
    const version = request.auto
      ? await this.catalog.newestVersion(request.pluginId, request.domainId)
      : request.version;
    if (version === undefined) throw requiredParameter('version');
    const key = keyOf(request, version);
    const id = bindingId(key);
    return (
      this.servingNow(id) ??
      this.room.admit(request.domainId, () =>
        request.auto ? this.upgrade(id, key, patience()) : this.deploy(id, key, patience()),
      )
    );
  }

  /** Takes nobody any more who would have to wait. Resolves when those who wait have their answers. */
  drain(): Promise<void> {
    return this.room.drain();
  }

  /** Has the newest version deployed, and falls back on an older one if that fails, or takes longer than there is time. */
  private async upgrade(id: string, key: BindingKey, patience: Patience): Promise<Endpoint> {
    const older = await this.olderThan(key);
    if (older === undefined) return this.deploy(id, key, patience);
    const deadline = Number.isFinite(patience.deadline) ? patience.deadline : Date.now() + UPGRADE_PATIENCE;
    try {
      return await this.deploy(id, key, { deadline, signal: patience.signal }, isFailing);
    } catch (error) {
      const endpoint = this.servingNow(older.binding.id);
      if (endpoint === undefined) throw error;
      this.logger.debug({
        msg: 'The newest version does not serve yet: an older one is answered.',
        binding: id,
        error,
      });
      return endpoint;
    }
  }

  private async olderThan(key: BindingKey): Promise<RememberedEntry | undefined> {
    try {
      return await this.older.servingInsteadOf(key);
    } catch (error) {
      // The upgrade is worth a try without.
      this.logger.debug({ msg: 'Older versions cannot be looked for now.', plugin_id: key.pluginId, error });
      return undefined;
    }
  }

  /** The endpoint where there is one that may be handed out now. */
  private servingNow(id: string): Endpoint | undefined {
    const offer = this.directory.offer(id);
    if (offer === undefined || !this.placement.isReachable(offer.supervisorId)) return undefined;
    this.calls.note(offer.call);
    return offer.only ?? this.inTurn(offer.all);
  }

  /** Of an instance that does not serve as it should, and of which this is the best that there is. */
  private endpointOf(plugin: InstalledPlugin, { call }: RememberedEntry): Endpoint {
    this.calls.note(call);
    const { version, generation } = plugin;
    return { endpoint: this.inTurn(plugin.endpoints), version, generation };
  }

  private inTurn<T>(replicas: readonly T[]): T {
    return replicas[this.turn++ % replicas.length] as T;
  }

  /** @param hopeless says of an instance that it is not worth waiting for */
  private async deploy(
    id: string,
    key: BindingKey,
    { deadline, signal }: Patience,
    hopeless: (plugin: InstalledPlugin) => boolean = ({ state }) => state === 'ERROR',
  ): Promise<Endpoint> {
    const now = Date.now();
    const until = Math.min(deadline - ANSWER_TIME, now + this.options.provisionTimeout);
    using time = new TimeLimit(until - now, signal);
    const limit = time.signal;
    for (let phase = 'looking for a supervisor'; ;) {
      const standIn = await untilAborted(this.prepare(id, key), limit);
      // From here to the wait nothing may happen in between: a change would be missed.
      const entry = this.directory.get(id);
      if (entry !== undefined) {
        const instead = standIn ?? (isAiling(entry.plugin) ? entry.plugin : undefined);
        const endpoint = this.servingNow(id) ?? this.lastResort(entry) ?? (instead && this.endpointOf(instead, entry));
        if (endpoint !== undefined) return endpoint;
        if (hopeless(entry.plugin)) throw await this.failureOf(entry.plugin, limit);
        phase = phaseOf(entry.plugin);
      }
      if (limit.aborted) throw installTimeout(key.pluginId, key.version, phase);
      if (entry !== undefined) await this.directory.changed(id, limit);
    }
  }

  /**
   * Brings the binding to where it can be waited for.
   *
   * @returns another instance that can be handed out meanwhile
   */
  private async prepare(id: string, key: BindingKey): Promise<InstalledPlugin | undefined> {
    const known = this.directory.get(id);
    try {
      if (known === undefined || !this.placement.isSettled(known)) await this.placement.resolve(key);
      const entry = this.directory.get(id);
      return entry && !isReady(entry.plugin) ? await this.placement.standIn(entry) : undefined;
    } catch (error) {
      // What is known is handed out as long as it may live, also while the database is away.
      if (known !== undefined && databaseError(error) !== undefined) return undefined;
      throw error;
    }
  }

  /** What is told of an instance that is given up. Where the catalog knows it no more, the caller has to ask for another. */
  private async failureOf(plugin: InstalledPlugin, limit: AbortSignal): Promise<BerthError> {
    const { pluginId, version, state, fault } = plugin;
    if (state !== 'ERROR' || fault === 'PASSING') return errorOf(plugin);
    const known = this.catalog.version(pluginId, version).then(
      () => undefined,
      (error: unknown) => error,
    );
    const refusal = await untilAborted(known, limit);
    const lasts = refusal instanceof BerthError && refusal.status !== status.UNAVAILABLE;
    return lasts ? refusal : errorOf(plugin);
  }

  /** Nobody else could take the plugin: what was last known is better than nothing. */
  private lastResort(entry: RememberedEntry): Endpoint | undefined {
    return isReady(entry.plugin) ? this.endpointOf(entry.plugin, entry) : undefined;
  }
}

function keyOf({ domainId, pluginId, selector }: EndpointRequest, version: string): BindingKey {
  return { domainId, pluginId, version, selector };
}

/** It fails its health checks and still runs, while another one is started: better than nothing. */
function isAiling({ state, endpoints }: InstalledPlugin): boolean {
  return state === 'RE_PROVISIONING' && endpoints.length > 0;
}

/** It was given up for now; or it has never served, and its next try has to wait because the last one failed. */
function isFailing({ state, observedGeneration, nextStartAt }: InstalledPlugin): boolean {
  return state === 'ERROR' || (observedGeneration === 0 && nextStartAt !== null);
}

function phaseOf({ state, stateReason }: InstalledPlugin): string {
  return stateReason === '' ? state : `${state}: ${stateReason}`;
}

/** Callers try again what is UNAVAILABLE: only what may pass is. */
function errorOf({ pluginId, version, state, fault, stateReason, nextStartAt }: InstalledPlugin): BerthError {
  const next =
    nextStartAt === null ? 'recover_plugin starts it afresh' : `the next try is at ${nextStartAt.toISOString()}`;
  const reason = `${stateReason}; ${next}`;
  if (state !== 'ERROR' || fault === 'PASSING') return pluginFailure(pluginId, version, reason);
  return (fault === 'IMAGE_NOT_FOUND' ? pluginImageNotFound : pluginNotDeployable)(pluginId, version, reason);
}
