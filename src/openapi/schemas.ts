import { type DescEnum, type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { schemasOfDecorators } from '../common/validation/compile-validator.js';
import { protoComments } from '../generated/comments.js';

/** A JSON Schema, as OpenAPI 3.1 has them. */
export type Schema = Readonly<Record<string, unknown>>;

const REF = '#/components/schemas/';

/** JSON of the messages that are no objects of fields of their own. */
const wellKnown: Readonly<Record<string, Schema>> = {
  'google.protobuf.Struct': { type: 'object' },
  'google.protobuf.ListValue': { type: 'array' },
  'google.protobuf.Value': {},
  'google.protobuf.Empty': { type: 'object', additionalProperties: false },
};

const numbers = new Set([ScalarType.DOUBLE, ScalarType.FLOAT]);

/**
 * The schemas of a document. Requests look as the decorators of their classes say, which is what is checked; answers as
 * the protos say, which is what is sent. The protos tell what both mean.
 */
export class Schemas {
  readonly components: Record<string, Schema> = {};
  private readonly declared = schemasOfDecorators(REF);

  /** @param name of a class with decorators. @param message that the class stands for */
  ofRequest(name: string, message: DescMessage | undefined): Schema {
    const key = name.replace(/Dto$/, '');
    if (this.components[key] === undefined) {
      const { properties, ...schema } = this.declared[name] ?? { properties: {}, type: 'object' };
      // Set before its fields are looked at: a message may hold others of its kind.
      this.components[key] = {};
      const fields = Object.entries(properties).map(([field, declaration]) => {
        const known = message?.fields.find((each) => each.name === field);
        return [field, { ...this.declaredField(declaration, known?.message), ...described(message, field) }];
      });
      const required = (schema['required'] as string[] | undefined)?.filter((field) => field !== 'domain_id');
      this.components[key] = {
        ...schema,
        ...(required?.length ? { required } : { required: undefined }),
        ...comment(message?.typeName),
        properties: Object.fromEntries(fields) as Schema,
      };
    }
    return { $ref: REF + key };
  }

  ofAnswer(message: DescMessage): Schema {
    const known = wellKnown[message.typeName];
    if (known !== undefined) return known;
    const key = message.typeName.replace('spaceone.api.', '');
    if (this.components[key] === undefined) {
      this.components[key] = {};
      this.components[key] = {
        type: 'object',
        ...comment(message.typeName),
        properties: Object.fromEntries(
          message.fields.map((field) => [
            field.name,
            { ...this.answered(field), ...comment(`${message.typeName}.${field.name}`) },
          ]),
        ),
      };
    }
    return { $ref: REF + key };
  }

  private declaredField(declaration: Schema, message: DescMessage | undefined): Schema {
    // What an absent field is, `required` says.
    const { not: _, $ref, items, ...schema } = declaration;
    const nested = (of: unknown) => this.ofRequest(String(of).slice(REF.length), message);
    if (typeof $ref === 'string') return nested($ref);
    if (items === undefined) return schema;
    const { $ref: element } = items as Schema;
    return { ...schema, items: element === undefined ? items : nested(element) };
  }

  private answered(field: DescField): Schema {
    switch (field.fieldKind) {
      case 'list': {
        const { listKind } = field;
        if (listKind === 'message') return { type: 'array', items: this.ofAnswer(field.message) };
        return { type: 'array', items: listKind === 'enum' ? names(field.enum) : scalar(field.scalar) };
      }
      case 'map':
        return { type: 'object' };
      case 'message':
        return this.ofAnswer(field.message);
      case 'enum':
        return names(field.enum);
      case 'scalar':
        return scalar(field.scalar);
    }
  }
}

function scalar(type: ScalarType): Schema {
  if (type === ScalarType.STRING || type === ScalarType.BYTES) return { type: 'string' };
  if (type === ScalarType.BOOL) return { type: 'boolean' };
  return { type: numbers.has(type) ? 'number' : 'integer' };
}

const names = ({ values }: DescEnum): Schema => ({ type: 'string', enum: values.map(({ name }) => name) });

const described = (message: DescMessage | undefined, field: string): Schema =>
  field === 'domain_id' && protoComments[`${message?.typeName}.${field}`] === undefined
    ? { description: 'May be left out where the token, or the header x-domain-id, says it.' }
    : comment(message && `${message.typeName}.${field}`);

export function comment(name: string | undefined): { description?: string } {
  const description = name === undefined ? undefined : protoComments[name];
  return description === undefined ? {} : { description };
}
