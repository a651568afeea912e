import { status } from '@grpc/grpc-js';
import { Test } from '@nestjs/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { CatalogService } from '../catalog/catalog.service.js';
import { ChangeFeed } from '../change-feed/change-feed.service.js';
import { invalidPluginVersion } from '../common/errors/errors.js';
import { bindingId, installedPluginId } from '../installed-plugin/installed-plugin.js';
import { InstalledPluginService } from '../installed-plugin/installed-plugin.service.js';
import { SupervisorService } from '../supervisor/supervisor.service.js';
import { CallLog } from './call-log.js';
import { EndpointDirectory } from './endpoint-directory.js';
import { EndpointService } from './endpoint.service.js';
import { OlderVersions } from './older-versions.service.js';
import { Placement } from './placement.service.js';
import { Failover } from './failover.service.js';
import { PLUGIN_OPTIONS } from './plugin.options.js';
import { Installed, request, Supervisors } from './rooms.fixture.js';
import { WaitingRoom } from './waiting-room.js';

let installed: Installed;
let supervisors: Supervisors;
let gap: () => void;
let endpoints: EndpointService;

beforeEach(async () => {
  installed = new Installed();
  supervisors = new Supervisors();
  supervisors.set('s1', 'ENABLED');
  const module = await Test.createTestingModule({
    providers: [
      EndpointDirectory,
      EndpointService,
      CallLog,
      Failover,
      OlderVersions,
      Placement,
      WaitingRoom,
      { provide: InstalledPluginService, useValue: installed },
      { provide: SupervisorService, useValue: supervisors },
      { provide: ChangeFeed, useValue: { onGap: (listener: () => void) => (gap = listener) } },
      {
        provide: CatalogService,
        useValue: {
          newestVersion: () => Promise.resolve('1.0.0'),
          version: (id: string, version: string) =>
            ['1.1.0-rc.1', '1.0.0', '0.9.0', '0.8.0'].includes(version)
              ? Promise.resolve({})
              : Promise.reject(invalidPluginVersion(id, version, [])),
        },
      },
      {
        provide: PLUGIN_OPTIONS,
        useValue: { provisionTimeout: 60_000, queueMax: 200, directoryMax: 100, endpointLease: 600_000, idleTtl: 0 },
      },
    ],
  }).compile();
  endpoints = module.get(EndpointService);
});

const patience = (deadline = Infinity, signal = new AbortController().signal) => ({ deadline, signal });
const find = (changes: Partial<typeof request> = {}, wait = patience()) =>
  endpoints.find({ ...request, ...changes }, () => wait);
/** Lets everything that is under way come to the point where it waits. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
const ready = (supervisorId = 's1', endpoint = 'grpc://h:1') =>
  installed.change(supervisorId, { state: 'ACTIVE', endpoints: [endpoint] });

describe('a deployment', () => {
  it('is shared by all who wait for it', async () => {
    const waiting = Array.from({ length: 200 }, () => find());
    await settle();
    ready();
    expect(new Set((await Promise.all(waiting)).map(({ endpoint }) => endpoint))).toEqual(new Set(['grpc://h:1']));
    expect(installed.binds).toBe(1);
  });

  it('is not missed when it becomes ready while it is read', async () => {
    installed.beforeAnswer = () => {
      installed.beforeAnswer = () => undefined;
      ready();
    };
    expect(await find()).toMatchObject({ endpoint: 'grpc://h:1' });
  });

  it('is not missed when changes were missed', async () => {
    const waiting = find();
    await settle();
    const id = installedPluginId('s1', request.pluginId, request.version);
    const before = installed.plugins.get(id)!;
    installed.plugins.set(id, { ...before, state: 'ACTIVE', endpoints: ['grpc://h:1'], revision: 2 });
    gap();
    expect(await waiting).toMatchObject({ endpoint: 'grpc://h:1' });
  });

  it('goes on for the others when one caller leaves', async () => {
    const leaving = new AbortController();
    const left = find({}, patience(Infinity, leaving.signal));
    const stays = find();
    await settle();
    leaving.abort();
    await expect(left).rejects.toMatchObject({ code: 'ERROR_INSTALL_PLUGIN_TIMEOUT' });
    ready();
    expect(await stays).toMatchObject({ endpoint: 'grpc://h:1' });
  });

  it('tells the phase it was in when time is up', async () => {
    const waiting = find({}, patience(Date.now() + 60));
    await settle();
    installed.change('s1', { stateReason: 'pulling the image' });
    await expect(waiting).rejects.toMatchObject({
      code: 'ERROR_INSTALL_PLUGIN_TIMEOUT',
      message: expect.stringContaining('PROVISIONING: pulling the image'),
    });
  });

  it('fails for all at once, with the reason and the next try', async () => {
    const waiting = [find(), find()];
    await settle();
    installed.change('s1', { state: 'ERROR', stateReason: 'exited with 1', nextStartAt: new Date(0) });
    for (const result of waiting) {
      await expect(result).rejects.toMatchObject({
        code: 'ERROR_PLUGIN_FAILURE',
        message: expect.stringContaining('exited with 1; the next try is at 1970-01-01T00:00:00.000Z'),
      });
    }
  });

  it.each([
    ['PASSING', 'ERROR_PLUGIN_FAILURE', status.UNAVAILABLE],
    ['LASTING', 'ERROR_PLUGIN_STATE_CHANGE', status.FAILED_PRECONDITION],
    ['IMAGE_NOT_FOUND', 'ERROR_PLUGIN_IMAGE_NOT_FOUND', status.NOT_FOUND],
  ] as const)('is UNAVAILABLE only while that may pass: %s', async (fault, code, told) => {
    const waiting = find();
    await settle();
    installed.change('s1', { state: 'ERROR', stateReason: 'why', fault });
    const refusal = { code, status: told, message: expect.stringContaining('why; recover_plugin starts it') as string };
    await expect(waiting).rejects.toMatchObject(refusal);
    await expect(find()).rejects.toMatchObject(refusal);
  });

  it('is refused as an unknown version where it cannot be started because the catalog knows it no more', async () => {
    const version = '9.9.9';
    await installed.bind({ ...request, version }, { supervisorId: 's1', supervisorDomainId: 'domain-a' });
    const waiting = find({ version });
    await settle();
    installed.change('s1', { state: 'ERROR', stateReason: 'no command', fault: 'LASTING' }, version);
    await expect(waiting).rejects.toMatchObject({
      code: 'ERROR_INVALID_PLUGIN_VERSION',
      status: status.INVALID_ARGUMENT,
    });
  });

  it('moves to another supervisor when its own is lost meanwhile', async () => {
    const waiting = find();
    await settle();
    supervisors.set('s2', 'ENABLED');
    supervisors.set('s1', 'DISCONNECTED');
    await settle();
    ready('s2', 'grpc://h:2');
    expect(await waiting).toMatchObject({ endpoint: 'grpc://h:2' });
  });

  it('moves to another supervisor when its own falls silent meanwhile', async () => {
    const waiting = find();
    await settle();
    supervisors.set('s2', 'ENABLED');
    supervisors.set('s1', 'ENABLED', { silent: true });
    await settle();
    ready('s2', 'grpc://h:2');
    expect(await waiting).toMatchObject({ endpoint: 'grpc://h:2' });
  });

  it('is refused where no supervisor can take it', async () => {
    supervisors.set('s1', 'DISABLED');
    await expect(find()).rejects.toMatchObject({ code: 'ERROR_NO_POSSIBLE_SUPERVISOR' });
  });

  it('waits elsewhere where a plugin of the same name has come first that is private to another domain', async () => {
    installed.add('s1', { privateTo: 'domain-b', state: 'ACTIVE', endpoints: ['grpc://h:9'] });
    await expect(find()).rejects.toMatchObject({ code: 'ERROR_NO_POSSIBLE_SUPERVISOR' });
    supervisors.set('s2', 'ENABLED');
    const waiting = find();
    await settle();
    ready('s2', 'grpc://h:2');
    expect(await waiting).toMatchObject({ endpoint: 'grpc://h:2' });
  });

  it('is refused for a version that nobody knows, and not for one that is installed', async () => {
    await expect(find({ version: '9.9.9' })).rejects.toMatchObject({ code: 'ERROR_INVALID_PLUGIN_VERSION' });
    await installed.bind({ ...request, version: '9.9.9' }, { supervisorId: 's1', supervisorDomainId: 'domain-a' });
    const waiting = find({ version: '9.9.9' }, patience(Date.now() + 40));
    await expect(waiting).rejects.toMatchObject({ code: 'ERROR_INSTALL_PLUGIN_TIMEOUT' });
  });
});

describe('the queue', () => {
  it('is limited for each domain', async () => {
    const waiting = Array.from({ length: 200 }, () => find());
    await expect(find()).rejects.toMatchObject({ code: 'ERROR_TOO_MANY_REQUESTS' });
    const other = find({ domainId: 'domain-b' });
    await settle();
    ready();
    await Promise.all([...waiting, other]);
    expect(await find()).toMatchObject({ endpoint: 'grpc://h:1' });
  });

  it('has room again for one who left', async () => {
    const leaving = Array.from({ length: 200 }, () => new AbortController());
    const waiting = leaving.map(({ signal }) => find({}, patience(Infinity, signal)));
    await settle();
    for (const each of leaving) each.abort();
    await Promise.allSettled(waiting);
    const next = find();
    await settle();
    ready();
    expect(await next).toMatchObject({ endpoint: 'grpc://h:1' });
  });
});

describe('an upgrade', () => {
  const newest = (wait = patience()) => find({ auto: true }, wait);

  beforeEach(async () => {
    const waiting = find({ version: '0.9.0' });
    await settle();
    installed.change('s1', { state: 'ACTIVE', endpoints: ['grpc://h:9'], observedGeneration: 1 }, '0.9.0');
    await waiting;
  });

  it('is waited for', async () => {
    const waiting = newest();
    await settle();
    ready();
    expect(await waiting).toMatchObject({ endpoint: 'grpc://h:1', version: '1.0.0' });
  });

  it('that fails leaves the older version to those who ask, and is not begun anew by them', async () => {
    const waiting = newest();
    await settle();
    const failed = { state: 'ERROR', stateReason: 'exited with 1', nextStartAt: new Date(0) } as const;
    installed.change('s1', failed);
    expect(await waiting).toMatchObject({ endpoint: 'grpc://h:9', version: '0.9.0' });
    expect(await newest()).toMatchObject({ version: '0.9.0' });
    expect(installed.plugins.get(installedPluginId('s1', 'plugin-a', '1.0.0'))).toMatchObject(failed);
    ready();
    expect(await newest()).toMatchObject({ version: '1.0.0' });
  });

  it('that fails leaves nobody with a pre-release, nor with more than the best that serves', async () => {
    for (const version of ['1.1.0-rc.1', '0.8.0']) {
      const waiting = find({ version });
      await settle();
      installed.change('s1', { state: 'ACTIVE', endpoints: ['grpc://h:7'], observedGeneration: 1 }, version);
      await waiting;
    }
    const waiting = newest();
    await settle();
    installed.change('s1', { state: 'ERROR', stateReason: 'exited with 1', nextStartAt: new Date(0) });
    expect(await waiting).toMatchObject({ endpoint: 'grpc://h:9', version: '0.9.0' });
  });

  it('that has to begin again is not waited for', async () => {
    const waiting = newest();
    await settle();
    installed.change('s1', { stateReason: 'exited with 1', nextStartAt: new Date(0) });
    expect(await waiting).toMatchObject({ version: '0.9.0' });
  });

  it('that takes longer than the caller has time goes on', async () => {
    expect(await newest(patience(Date.now() + 60))).toMatchObject({ version: '0.9.0' });
    ready();
    expect(await newest()).toMatchObject({ version: '1.0.0' });
  });

  it("fails with its reason where the older version has other labels, or is another domain's", async () => {
    const others = [find({ auto: true, selector: { zone: 'a' } }), find({ auto: true, domainId: 'domain-b' })];
    await settle();
    installed.change('s1', { state: 'ERROR', stateReason: 'exited with 1' });
    for (const other of others) await expect(other).rejects.toMatchObject({ code: 'ERROR_PLUGIN_FAILURE' });
  });
});

describe('a warm lookup', () => {
  beforeEach(async () => {
    const waiting = find();
    await settle();
    installed.change('s1', { state: 'ACTIVE', endpoints: ['grpc://h:1', 'grpc://h:2'] });
    await waiting;
    installed.reads = 0;
  });

  it('reads nothing from the database, and takes its endpoints in turn', async () => {
    const seen = [await find(), await find(), await find({ auto: true }), await find()].map(({ endpoint }) => endpoint);
    expect(new Set(seen.slice(0, 2)).size).toBe(2);
    expect(seen.slice(2)).toEqual(seen.slice(0, 2));
    expect(installed.reads).toBe(0);
  });

  it('does not hand out an instance that is being replaced', async () => {
    installed.change('s1', { state: 'RE_PROVISIONING', endpoints: [] });
    const waiting = find();
    await settle();
    ready('s1', 'grpc://h:3');
    expect(await waiting).toMatchObject({ endpoint: 'grpc://h:3' });
  });

  it('is answered with another instance while its own is replaced, where there is one that it may use', async () => {
    supervisors.set('s2', 'ENABLED');
    installed.add('s2', { state: 'ACTIVE', endpoints: ['grpc://h:2'] });
    installed.change('s1', { state: 'RE_PROVISIONING', endpoints: [], observedGeneration: 1 });
    expect(await find()).toMatchObject({ endpoint: 'grpc://h:2' });
    supervisors.set('s2', 'ENABLED', { domainId: 'domain-b' });
    const waiting = find();
    await settle();
    ready('s1', 'grpc://h:3');
    expect(await waiting).toMatchObject({ endpoint: 'grpc://h:3' });
  });

  it('is given what ails and still runs while another one is started, unless somebody else serves', async () => {
    installed.change('s1', { state: 'RE_PROVISIONING', endpoints: ['grpc://h:1'], observedGeneration: 1 });
    expect(await find()).toMatchObject({ endpoint: 'grpc://h:1' });
    supervisors.set('s2', 'ENABLED');
    installed.add('s2', { state: 'ACTIVE', endpoints: ['grpc://h:2'] });
    expect(await find()).toMatchObject({ endpoint: 'grpc://h:2' });
  });

  it('stays where it is while its supervisor is only silent', async () => {
    supervisors.set('s2', 'ENABLED');
    supervisors.set('s1', 'ENABLED', { silent: true });
    expect(await find()).toMatchObject({ endpoint: expect.stringMatching('grpc://h:[12]') });
    expect(installed.reads).toBe(0);
  });

  it('is moved off a lost supervisor without another call, where it is in use', async () => {
    supervisors.set('s2', 'ENABLED');
    supervisors.set('s1', 'DISCONNECTED');
    await settle();
    expect(installed.bindings.get(bindingId(request))).toMatchObject({ supervisorId: 's2' });
  });

  it('stays with a disabled supervisor, and is moved off it when that is lost as well', async () => {
    supervisors.set('s2', 'ENABLED');
    supervisors.set('s1', 'DISABLED');
    expect(await find()).toMatchObject({ endpoint: expect.stringMatching('grpc://h:[12]') });
    supervisors.set('s1', 'DISABLED', { lost: true });
    await settle();
    expect(installed.bindings.get(bindingId(request))).toMatchObject({ supervisorId: 's2' });
  });

  it('wants an instance again that is about to be removed', async () => {
    installed.change('s1', { retiring: true });
    expect(await find()).toMatchObject({ version: '1.0.0' });
    expect(installed.plugins.get(installedPluginId('s1', request.pluginId, request.version))?.retiring).toBe(false);
  });

  it('answers what is known when its supervisor is lost and nobody else can take it', async () => {
    supervisors.set('s1', 'DISCONNECTED');
    expect(await find()).toMatchObject({ version: '1.0.0' });
  });

  it('needs a version unless AUTO', async () => {
    await expect(endpoints.find({ ...request, version: undefined }, () => patience())).rejects.toMatchObject({
      code: 'ERROR_REQUIRED_PARAMETER',
    });
  });
});

describe('what is ready', () => {
  it('is answered without a promise', async () => {
    const waiting = find();
    await settle();
    ready();
    await waiting;
    expect(endpoints.ready(request)).toEqual({ endpoint: 'grpc://h:1', version: '1.0.0', generation: 1 });
    expect(endpoints.ready({ ...request, domainId: 'domain-b' })).toBeUndefined();
    expect(endpoints.ready({ ...request, auto: true })).toBeUndefined();
    expect(endpoints.ready({ ...request, version: undefined })).toBeUndefined();
  });

  it('is not what stopped to serve', async () => {
    const waiting = find();
    await settle();
    ready();
    await waiting;
    installed.change('s1', { state: 'RE_PROVISIONING', endpoints: [] });
    expect(endpoints.ready(request)).toBeUndefined();
  });
});
