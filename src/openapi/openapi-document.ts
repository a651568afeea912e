import type { Type } from '@nestjs/common';
import { getMetadataStorage } from 'class-validator';
import { statusOfCode } from '../common/errors/error-status.js';
import type { Example } from './examples/example.js';
import { examplesOf } from './examples.js';
import type { Operation } from './operations.js';
import { comment, type Schema, Schemas } from './schemas.js';

const JSON_TYPE = 'application/json';

const callers = {
  member: 'Anybody of the domain may call it.',
  admin: 'Administrators of the domain and system tokens may call it.',
  system: 'System tokens may call it.',
};

export interface DocumentOptions {
  readonly version: string;
  /** Callers have to say who they are. */
  readonly authenticated: boolean;
}

/** The OpenAPI 3.1 document of the operations. */
export function openApiDocument(operations: readonly Operation[], options: DocumentOptions): Schema {
  const schemas = new Schemas();
  const paths = operations.map((operation) => [operation.path, { post: pathItem(operation, schemas) }] as const);
  const services = new Map(operations.map(({ method: { parent } }) => [parent.typeName, comment(parent.typeName)]));
  return {
    openapi: '3.1.1',
    info: {
      title: 'Berth',
      version: options.version,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description:
        'Gives every plugin a berth to run in, and tells callers where it is. The same methods are served over gRPC. ' +
        'Bodies are the protobuf messages as JSON: fields in snake_case, enums by name.',
    },
    servers: [{ url: '/' }],
    // Where nobody has to say who he is, a token says nothing.
    security: options.authenticated ? [{ token: [] }] : [{}],
    tags: [...services].map(([name, described]) => ({ name, ...described })),
    paths: Object.fromEntries(paths),
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      parameters: {
        domain: {
          name: 'x-domain-id',
          in: 'header',
          required: false,
          description: 'The domain that the call is for, where neither the token nor the body says it.',
          schema: { type: 'string' },
        },
      },
      schemas: { ...schemas.components, Error: errorSchema },
    },
  };
}

function pathItem({ path, method, parameters, access }: Operation, schemas: Schemas): Schema {
  const examples = examplesOf(path);
  const described = comment(`${method.parent.typeName}.${method.name}`).description;
  const ok = schemas.ofAnswer(method.output);
  const failed = { $ref: '#/components/schemas/Error' };
  const statuses = [...new Set([200, ...examples.map(({ status }) => status)])];
  return {
    tags: [method.parent.typeName],
    operationId: `${method.parent.typeName}.${method.name}`,
    summary: method.name.replaceAll('_', ' '),
    description: [described, callers[access]].filter((text) => text !== undefined).join(' '),
    parameters: [{ $ref: '#/components/parameters/domain' }],
    requestBody: {
      required: true,
      content: {
        [JSON_TYPE]: {
          schema: schemas.ofRequest(messageClass(parameters), method.input),
          examples: named(examples, ({ request }) => request),
        },
      },
    },
    responses: {
      ...Object.fromEntries(
        statuses.map((status) => {
          const of = examples.filter((example) => example.status === status);
          const description = status === 200 ? 'The answer.' : 'Refused.';
          const content = { schema: status === 200 ? ok : failed, examples: named(of, ({ answer }) => answer) };
          return [status, { description, content: { [JSON_TYPE]: content } }];
        }),
      ),
      default: { description: 'Refused.', content: { [JSON_TYPE]: { schema: failed } } },
    },
  };
}

const named = (examples: readonly Example[], read: (example: Example) => object) =>
  Object.fromEntries(examples.map((example) => [example.name, { summary: example.summary, value: read(example) }]));

/** The class of the message: the parameter that carries checks. */
function messageClass(parameters: readonly Type[]): string {
  const found = parameters.find(
    (type) => getMetadataStorage().getTargetValidationMetadatas(type, '', false, false).length > 0,
  );
  return found?.name ?? '';
}

const errorSchema: Schema = {
  type: 'object',
  description: 'Why a call was refused. Over gRPC the same code and message are in the details of the status.',
  required: ['detail'],
  properties: {
    detail: {
      type: 'object',
      required: ['code', 'message'],
      properties: {
        code: {
          type: 'string',
          pattern: '^ERROR_',
          description: `One of ${Object.keys(statusOfCode).join(', ')}; or what a plugin has answered itself, by get_plugin_metadata.`,
        },
        message: { type: 'string', description: 'Names the key and the value at fault.' },
      },
    },
  },
};
