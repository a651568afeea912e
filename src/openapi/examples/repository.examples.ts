import { type Examples, refused } from './example.js';

const plugin_id = 'plugin-aws-sns-mon-webhook';
const plugin = {
  plugin_id,
  name: 'AWS SNS Webhook',
  state: 'ENABLED',
  resource_type: 'monitoring.Webhook',
  image: 'cloudforet/plugin-aws-sns-mon-webhook',
  registry_type: 'DOCKER_HUB',
  registry_url: 'docker.io',
  registry_config: {},
  repository_info: { repository_id: 'repo-berth', name: 'Berth', repository_type: 'MANAGED' },
};

export const repositoryExamples: Examples = {
  '/repository/v1/plugin/get': [
    { name: 'plugin', summary: 'A plugin', request: { plugin_id }, status: 200, answer: plugin },
    {
      name: 'unknown-plugin',
      summary: 'A plugin that the catalog does not know',
      request: { plugin_id: 'plugin-unknown' },
      status: 404,
      answer: refused('ERROR_PLUGIN_NOT_FOUND', 'Plugin could not be found. (plugin_id = plugin-unknown)'),
    },
  ],
  '/repository/v1/plugin/get-versions': [
    {
      name: 'versions',
      summary: 'Its versions, newest first',
      request: { plugin_id },
      status: 200,
      answer: { results: ['1.2.2', '1.2.1'], total_count: 2 },
    },
  ],
  '/repository/v1/plugin/list': [
    {
      name: 'webhooks',
      summary: 'Plugins of a kind, by a query',
      request: { resource_type: 'monitoring.Webhook', query: { filter: [{ k: 'name', v: 'sns', o: 'contain' }] } },
      status: 200,
      answer: { results: [plugin], total_count: 1 },
    },
  ],
};
