import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Global, Module } from '@nestjs/common';
import { getConnectionToken, MongooseModule } from '@nestjs/mongoose';
import { Test } from '@nestjs/testing';
import {
  AuthModule,
  BerthModule,
  CatalogService,
  ChangeFeedModule,
  DatabaseModule,
  EndpointService,
  InstalledPluginModule,
  IdleBindings,
  InstalledPluginService,
  RepairService,
  PLUGIN_OPTIONS,
  PluginModule,
  SupervisorModule,
  SupervisorReports,
  SupervisorService,
  SUPERVISOR_OPTIONS,
} from 'berth';
import { type EmbeddedMongo, startEmbeddedMongo } from 'berth/embedded-mongo';
import type { Connection } from 'mongoose';
import { afterAll, beforeAll, expect, it } from 'vitest';

let directory: string;
let database: EmbeddedMongo;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'berth-modules-'));
  database = await startEmbeddedMongo({ directory });
});
afterAll(async () => {
  await database.close();
  rmSync(directory, { recursive: true, force: true });
});

const host = (name: string) => [
  MongooseModule.forRoot(database.uri, { connectionName: 'host', dbName: name }),
  DatabaseModule.forRoot({ connection: 'host' }),
  AuthModule.forRoot({ mode: 'none' }),
];

/** Stands in for a room that the host replaces by its own. */
function standIn(token: symbol | (abstract new (...args: never[]) => object), value: object) {
  @Global()
  @Module({ providers: [{ provide: token, useValue: value }], exports: [token] })
  class StandIn {}
  return StandIn;
}

const catalog = standIn(CatalogService, {
  version: () => Promise.resolve({}),
  newestVersion: () => Promise.resolve('1'),
});

it('gives installed plugins alone, on a connection of the host', async () => {
  const module = await Test.createTestingModule({
    imports: [...host('alone'), InstalledPluginModule.withPeers([ChangeFeedModule])],
  }).compile();
  const installed = module.get(InstalledPluginService, { strict: false });
  const binding = await installed.bind(
    { domainId: 'd', pluginId: 'p', version: '1', selector: {} },
    { supervisorId: 's', supervisorDomainId: 'd' },
  );
  expect(await installed.ensure(binding, { supervisorId: 's', supervisorDomainId: 'd' })).toMatchObject({
    id: 's/p@1',
    state: 'PROVISIONING',
  });
  const connection = module.get<Connection>(getConnectionToken('host'), { strict: false });
  expect(await connection.collection('installed_plugins').countDocuments()).toBe(1);
  await module.close();
});

it('gives supervisors with a stand-in for installed plugins', async () => {
  const installed = standIn(InstalledPluginService, { onChange: () => undefined });
  const reports = standIn(SupervisorReports, { takePublished: () => Promise.resolve() });
  const module = await Test.createTestingModule({
    imports: [
      ...host('supervisors'),
      catalog,
      installed,
      reports,
      standIn(RepairService, {}),
      standIn(SUPERVISOR_OPTIONS, { autoEnable: true, heartbeatInterval: 1_000, lease: 3_000 }),
      SupervisorModule.withPeers([ChangeFeedModule]),
    ],
  }).compile();
  await module.init();
  const supervisors = module.get(SupervisorService, { strict: false });
  const { id } = await supervisors.publish({ domainId: 'd', hostname: 'h', name: 'n' }, []);
  expect(await supervisors.get(id, 'd')).toMatchObject({ name: 'n', state: 'ENABLED' });
  await module.close();
});

it('gives endpoints with stand-ins for everything else', async () => {
  const plugin = { id: 's/p@1', state: 'ACTIVE', endpoints: ['grpc://h:1'], version: '1', revision: 1 };
  const binding = { id: 'd/p/1/', supervisorId: 's', installedPluginId: 's/p@1', revision: 1 };
  const module = await Test.createTestingModule({
    imports: [
      ...host('endpoints'),
      catalog,
      standIn(PLUGIN_OPTIONS, {
        provisionTimeout: 1_000,
        queueMax: 10,
        directoryMax: 10,
        endpointLease: 1_000,
        idleTtl: 0,
      }),
      standIn(SupervisorService, { onChange: () => undefined, find: () => ({ state: 'ENABLED', domainId: 'd' }) }),
      standIn(InstalledPluginService, {
        onChange: () => undefined,
        onBindingChange: () => undefined,
        findBinding: () => Promise.resolve(binding),
        ensure: () => Promise.resolve(plugin),
      }),
      standIn(RepairService, {}),
      standIn(IdleBindings, { noteCalls: () => Promise.resolve() }),
      PluginModule.withPeers([ChangeFeedModule]),
    ],
  }).compile();
  const request = { domainId: 'd', pluginId: 'p', version: '1', auto: false, selector: {} };
  const patience = () => ({ deadline: Infinity, signal: new AbortController().signal });
  const { endpoint } = await module.get(EndpointService, { strict: false }).find(request, patience);
  expect(endpoint).toBe('grpc://h:1');
  await module.close();
});

it('takes its options from a factory of the host', async () => {
  const module = await Test.createTestingModule({
    imports: [
      ...host('async'),
      BerthModule.forRootAsync({
        database: { connection: 'host', name: 'async_plugins' },
        catalog: join(import.meta.dirname, '../../catalog.yaml'),
        useFactory: () => Promise.resolve({ supervisor: { autoEnable: false } }),
      }),
    ],
  }).compile();
  await module.init();
  const supervisors = module.get(SupervisorService, { strict: false });
  expect(await supervisors.publish({ domainId: 'd', hostname: 'h', name: 'n' }, [])).toMatchObject({
    state: 'PENDING',
  });
  await module.close();
});
