import type { Api } from '../api.js';
import type { Report } from '../report.js';
import type { Stage } from '../stage.js';
import { PLUGIN_ID } from '../webhook-plugin.js';

/** What every chapter works with. */
export interface Scene {
  readonly stage: Stage;
  readonly report: Report;
  readonly api: Api;
}

export const DOMAIN_ID = 'domain-demo';

/** The request of the API's documentation, and the domain that it is made for. */
export const request = { plugin_id: PLUGIN_ID, version: '1.2.2', domain_id: DOMAIN_ID };
