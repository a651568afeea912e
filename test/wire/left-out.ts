/**
 * What proto/ leaves out on purpose of Cloudforet's packages: services and methods that Berth neither serves nor calls, by
 * their full names. With them go the messages and enums that nothing else has.
 */
export const leftOut: ReadonlySet<string> = new Set([
  // Its identity service is asked for keys alone.
  ...['create', 'update', 'delete', 'enable', 'disable', 'get', 'get_auth_info', 'list', 'stat'].map(
    (method) => `spaceone.api.identity.v2.Domain.${method}`,
  ),
  'spaceone.api.identity.v2.Token',
  // Of the plugins for monitoring, the examples are webhooks.
  'spaceone.api.monitoring.plugin.DataSource',
  'spaceone.api.monitoring.plugin.Log',
  'spaceone.api.monitoring.plugin.Metric',
]);
