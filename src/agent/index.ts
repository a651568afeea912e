// What an application may import from `berth/agent`.
export { AgentModule } from './agent.module.js';
export type { AgentOptions } from './agent-options.js';
export { AgentService } from './agent.service.js';
