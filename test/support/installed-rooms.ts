import 'reflect-metadata';
import { Test, type TestingModule } from '@nestjs/testing';
import type { Db } from 'mongodb';
import { ChangeFeedModule } from '../../src/change-feed/change-feed.module.js';
import { DatabaseModule } from '../../src/database/database.module.js';
import type { InstalledPlugin } from '../../src/installed-plugin/installed-plugin.js';
import { InstalledPluginModule } from '../../src/installed-plugin/installed-plugin.module.js';
import { InstalledPluginService } from '../../src/installed-plugin/installed-plugin.service.js';
import type { InstanceReport } from '../../src/installed-plugin/instance-report.js';
import { SupervisorReports } from '../../src/installed-plugin/supervisor-reports.service.js';
import { type SharedDatabase, startDatabase } from './database.js';

export const SUPERVISOR = 'supervisor-000000000001';
export const DOMAIN = 'domain-a';
export const wish = { domainId: DOMAIN, pluginId: 'plugin-a', version: '1.0.0', selector: {} };

/** The room of installed plugins on a database of its own, as the rooms around it use it. */
export class InstalledRooms implements AsyncDisposable {
  private constructor(
    readonly module: TestingModule,
    private readonly database: SharedDatabase,
  ) {}

  static async start(): Promise<InstalledRooms> {
    const database = await startDatabase();
    const module = await Test.createTestingModule({
      imports: [
        DatabaseModule.forRoot({ uri: database.uri, timeout: 30_000 }),
        InstalledPluginModule.withPeers([ChangeFeedModule]),
      ],
    }).compile();
    await module.init();
    return new InstalledRooms(module, database);
  }

  get db(): Db {
    return this.database.db;
  }

  get installed(): InstalledPluginService {
    return this.module.get(InstalledPluginService, { strict: false });
  }

  get reports(): SupervisorReports {
    return this.module.get(SupervisorReports, { strict: false });
  }

  /** Binds the wish to the supervisor, and has its instance wanted there. */
  async want(changes: Partial<typeof wish> = {}, supervisorId = SUPERVISOR): Promise<InstalledPlugin> {
    const target = { supervisorId, supervisorDomainId: DOMAIN };
    return this.installed.ensure(await this.installed.bind({ ...wish, ...changes }, target), target);
  }

  /** The supervisor says that the instance serves: what is wanted now, or what was assigned then, as its next start. */
  async ready(id: string, endpoints = ['grpc://127.0.0.1:1'], assignedAt?: number): Promise<InstalledPlugin> {
    const { supervisorId, pluginId, version, createdAt, generation, incarnation } = await this.find(id);
    const report: InstanceReport = {
      pluginId,
      version,
      assignedAt: new Date(assignedAt ?? createdAt),
      generation,
      endpoints,
      phase: 'READY',
      incarnation: incarnation + 1,
      reason: '',
      fault: 'PASSING',
      outputTail: '',
      restarts: 0,
      nextStartAt: null,
    };
    await this.reports.applyReport({ supervisorId, epoch: 1 }, report);
    return this.find(id);
  }

  async find(id: string): Promise<InstalledPlugin> {
    const plugin = await this.installed.find(id);
    if (plugin === undefined) throw new Error(`${id} is not installed`);
    return plugin;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.module.close();
    await this.database.close();
  }
}
