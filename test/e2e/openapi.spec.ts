import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type SharedDatabase, startDatabase } from '../support/database.js';
import { documentedWorld } from '../support/documented-world.js';
import { PluginProcess } from '../support/plugin-process.js';
import { ServerProcess } from '../support/server-process.js';
import { TokenIssuer } from '../support/token-issuer.js';

interface Content {
  schema: object;
  examples?: Record<string, { value: Record<string, unknown> }>;
}
interface Post {
  operationId: string;
  description: string;
  requestBody: { content: { 'application/json': Content } };
  responses: Record<string, { content: { 'application/json': Content } }>;
}
interface Document {
  openapi: string;
  paths: Record<string, { post: Post }>;
  components: object;
}

const json = 'application/json';

let directory: string;
let database: SharedDatabase;
let plugin: PluginProcess;
let server: ServerProcess;
let token: string;
let document: Document;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'berth-openapi-'));
  [database, plugin] = await Promise.all([startDatabase(), PluginProcess.start('1.2.1')]);
  await documentedWorld(database, plugin.endpoint);
  const issuer = await TokenIssuer.create();
  writeFileSync(join(directory, 'jwks.json'), issuer.jwks);
  token = await issuer.token({ claims: { did: 'domain-1' } });
  server = await ServerProcess.start({
    env: {
      MONGODB_URI: database.uri,
      BERTH_AGENT: 'none',
      BERTH_AUTH: 'jwt',
      BERTH_AUTH_JWKS: join(directory, 'jwks.json'),
    },
  });
  document = (await (await fetch(`${server.http}/openapi.json`)).json()) as Document;
});
afterAll(async () => {
  await server.stop();
  await Promise.all([plugin.kill(), database.close()]);
  rmSync(directory, { recursive: true, force: true });
});

const operations = () => Object.entries(document.paths).map(([path, { post }]) => ({ path, ...post }));

/** Times of writing are those of the test. */
function withoutTimes(value: unknown): unknown {
  const text = JSON.stringify(value, (key, field: unknown) =>
    /^(created|updated)_at$/.test(key) && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(String(field))
      ? 'time'
      : field,
  );
  return JSON.parse(text) as unknown;
}

it('is a valid document of every method that is served, each with an example that works', async () => {
  const { valid, errors } = await new Validator().validate({ ...structuredClone(document) });
  expect(errors).toBeUndefined();
  expect(valid).toBe(true);
  expect(document.openapi).toMatch(/^3\.1\./);
  expect(operations()).toHaveLength(19);
  for (const { responses, description, operationId } of operations()) {
    expect(Object.keys(responses['200']?.content[json].examples ?? {}), operationId).not.toEqual([]);
    expect(description.split('. ').length, operationId).toBeGreaterThan(1);
  }
});

it('has examples of its own shapes', () => {
  const ajv = new Ajv2020({ strict: false });
  for (const { path, requestBody, responses } of operations()) {
    for (const { schema, examples = {} } of [requestBody, ...Object.values(responses)].map(
      ({ content }) => content[json],
    )) {
      const check = ajv.compile({ ...schema, components: document.components });
      for (const { value } of Object.values(examples)) {
        expect(check(value), `${path}: ${ajv.errorsText(check.errors)}`).toBe(true);
      }
    }
  }
});

it('answers every example as it is printed', async () => {
  let asked = 0;
  for (const { path, requestBody, responses } of operations()) {
    for (const [name, { value: request }] of Object.entries(requestBody.content[json].examples ?? {})) {
      const [[status, answers], ...others] = Object.entries(responses).filter(
        ([, { content }]) => content[json].examples?.[name] !== undefined,
      ) as [[string, Post['responses'][string]]];
      expect(others).toEqual([]);
      const response = await fetch(`${server.http}${path}`, {
        method: 'POST',
        headers: { 'content-type': json, authorization: `Bearer ${token}` },
        body: JSON.stringify(request),
      });
      const answered = { path, name, status: String(response.status), body: withoutTimes(await response.json()) };
      const body = withoutTimes(answers.content[json].examples?.[name]?.value);
      expect(answered).toEqual({ path, name, status, body });
      asked++;
    }
  }
  expect(asked).toBeGreaterThanOrEqual(27);
});

it('shows the document on a page that calls nobody else', async () => {
  const page = await fetch(`${server.http}/docs`);
  expect(page.headers.get('content-type')).toContain('text/html');
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  const html = await page.text();
  const assets = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url ?? '');
  expect(assets.sort()).toEqual(['docs/docs.css', 'docs/docs.js', 'openapi.json']);
  for (const url of assets) expect((await fetch(new URL(url, `${server.http}/docs`))).status).toBe(200);
});

it('is served where it is wanted', async () => {
  const closed = await ServerProcess.start({ env: { BERTH_AGENT: 'none', BERTH_DOCS: 'false' } });
  try {
    for (const path of ['openapi.json', 'docs', 'docs/docs.js']) {
      expect((await fetch(`${closed.http}/${path}`)).status).toBe(404);
    }
  } finally {
    await closed.stop();
  }
});
