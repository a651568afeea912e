import { type Examples, refused } from './example.js';

const plugin_id = 'plugin-aws-sns-mon-webhook';

export const pluginExamples: Examples = {
  '/plugin/v1/plugin/get-plugin-endpoint': [
    {
      name: 'version',
      summary: 'A certain version',
      request: { plugin_id, version: '1.2.2' },
      status: 200,
      answer: { endpoint: 'grpc://endpoint-url:50051', access_token: '', updated_version: '1.2.2' },
    },
    {
      name: 'newest',
      summary: 'The newest version, on a supervisor that carries a label',
      request: { plugin_id, upgrade_mode: 'AUTO', labels: { zone: 'a' } },
      status: 200,
      answer: { endpoint: 'grpc://endpoint-url:50051', access_token: '', updated_version: '1.2.2' },
    },
    {
      name: 'no-version',
      summary: 'Neither a version nor upgrade_mode AUTO',
      request: { plugin_id },
      status: 400,
      answer: refused('ERROR_REQUIRED_PARAMETER', 'Required parameter. (key = version)'),
    },
    {
      name: 'no-supervisor',
      summary: 'No supervisor carries the label',
      request: { plugin_id, version: '1.2.2', labels: { zone: 'moon' } },
      status: 400,
      answer: refused(
        'ERROR_NO_POSSIBLE_SUPERVISOR',
        `There is no supervisor to run plugin. (plugin_id = ${plugin_id}, labels = {"zone":"moon"})`,
      ),
    },
    {
      name: 'unknown-plugin',
      summary: 'A plugin that the catalog does not know',
      request: { plugin_id: 'plugin-unknown', version: '1.0.0' },
      status: 404,
      answer: refused('ERROR_PLUGIN_NOT_FOUND', 'Plugin could not be found. (plugin_id = plugin-unknown)'),
    },
  ],
  '/plugin/v1/plugin/get-plugin-metadata': [
    {
      name: 'metadata',
      summary: 'What the plugin says of itself',
      request: { plugin_id, version: '1.2.1', options: {} },
      status: 200,
      answer: { metadata: { version: '1.2.1', provider: 'aws', alarms: ['Trigger.Dimensions'] } },
    },
  ],
  '/plugin/v1/plugin/notify-failure': [
    {
      name: 'failure',
      summary: 'An instance that does not work properly',
      request: { supervisor_id: 'supervisor-525982f2ae9a', plugin_id, version: '1.2.1' },
      status: 200,
      answer: {},
    },
    {
      name: 'unknown-supervisor',
      summary: 'A supervisor that is not known, or another domain’s',
      request: { supervisor_id: 'supervisor-000000000000', plugin_id, version: '1.2.1' },
      status: 404,
      answer: refused(
        'ERROR_NOT_FOUND',
        `installed_plugin could not be found. (installed_plugin = supervisor-000000000000, ${plugin_id}, 1.2.1)`,
      ),
    },
  ],
};
