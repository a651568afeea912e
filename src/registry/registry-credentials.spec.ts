import { expect, it } from 'vitest';
import { credentialsOf } from './registry-credentials.js';

const encoded = Buffer.from('robot$x:se:cret').toString('base64');

it.each<[string | undefined, Record<string, unknown>, string, string]>([
  [undefined, { username: 'u', password: 'p' }, 'u', 'p'],
  ['DOCKER_HUB', { auth: encoded }, 'robot$x', 'se:cret'],
  ['HARBOR', { token: encoded }, 'robot$x', 'se:cret'],
  ['GITHUB', { github_token: 'ghp_1' }, 'token', 'ghp_1'],
  ['GITHUB', { token: 'ghp_1' }, 'token', 'ghp_1'],
  ['AWS_PRIVATE_ECR', { password: 'ecr' }, 'AWS', 'ecr'],
  ['GCP_PRIVATE_GCR', { password: 'ya29' }, 'oauth2accesstoken', 'ya29'],
  ['GCP_PRIVATE_GCR', { password: '{"type":"service_account"}' }, '_json_key', '{"type":"service_account"}'],
])('%s reads %o', (type, config, username, password) => {
  expect(credentialsOf(type, config)).toEqual({ kind: 'login', login: { username, password } });
});

it('reads access keys of Amazon', () => {
  const config = { aws_access_key_id: 'AK', aws_secret_access_key: 'SK', region_name: 'eu-west-1', account_id: '1' };
  expect(credentialsOf('AWS_PRIVATE_ECR', config)).toEqual({
    kind: 'ecr',
    keys: { accessKeyId: 'AK', secretAccessKey: 'SK', region: 'eu-west-1' },
  });
});

it.each([undefined, {}, { image_pull_secrets: 'in-the-cluster' }, { password: '' }, { password: 5 }])(
  'finds none in %o',
  (config) => expect(credentialsOf('DOCKER_HUB', config)).toBeUndefined(),
);

it.each([
  [{ username: 'u' }, 'password is missing beside username'],
  [{ password: 'secret-word' }, 'username is missing beside password'],
  [{ aws_access_key_id: 'AK' }, 'aws_secret_access_key is missing'],
  [{ aws_access_key_id: 'AK', aws_secret_access_key: 'SK' }, 'region_name is missing'],
  [{ auth: 'no colon here' }, 'auth is not base64'],
])('refuses %o, without telling the secret', (config, message) => {
  expect(() => credentialsOf('DOCKER_HUB', config)).toThrow(message);
  expect(() => credentialsOf('DOCKER_HUB', config)).not.toThrow('secret-word');
});
