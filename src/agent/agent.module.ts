import { Module, type DynamicModule } from '@nestjs/common';
import { resolveAgentOptions, type AgentOptions } from './agent-options.js';
import { AgentService } from './agent.service.js';

/**
 * A supervisor agent. It runs from the bootstrap of the application that imports it until its shutdown: the server
 * embeds it as an application context of its own, `agent.main.ts` runs it alone.
 */
@Module({})
export class AgentModule {
  static forRoot(options: AgentOptions): DynamicModule {
    return {
      module: AgentModule,
      providers: [{ provide: AgentService, useFactory: () => new AgentService(resolveAgentOptions(options)) }],
      exports: [AgentService],
    };
  }
}
