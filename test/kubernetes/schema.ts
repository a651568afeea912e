import * as client from '@kubernetes/client-node';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { StatefulSet } from 'kubernetes-models/apps/v1/StatefulSet';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { Role } from 'kubernetes-models/rbac.authorization.k8s.io/v1/Role';
import { RoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/RoleBinding';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { Namespace } from 'kubernetes-models/v1/Namespace';
import { Secret } from 'kubernetes-models/v1/Secret';
import { Service } from 'kubernetes-models/v1/Service';
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount';

interface Model {
  validate(): void;
}
type ModelClass = new (data: never) => Model;

/** Validators that kubernetes-models has compiled from the OpenAPI schema of the API server. */
const MODELS: readonly ModelClass[] = [
  Deployment,
  StatefulSet,
  NetworkPolicy,
  Role,
  RoleBinding,
  ConfigMap,
  Namespace,
  Secret,
  Service,
  ServiceAccount,
] as unknown as readonly ModelClass[];

interface Attribute {
  readonly baseName: string;
  readonly type: string;
}
type Described = { getAttributeTypeMap?: () => readonly Attribute[] };

/**
 * What an API server with `fieldValidation=Strict` would have against an object: what its OpenAPI schema forbids, and
 * fields that the schema does not have (the types of the client, which are generated from it, name all that it has).
 */
export function schemaErrors(object: unknown): string[] {
  const { apiVersion = '', kind = '' } = object as { apiVersion?: string; kind?: string };
  const named = MODELS as readonly unknown[] as readonly { kind: string; apiVersion: string }[];
  const index = named.findIndex((model) => model.kind === kind && model.apiVersion === apiVersion);
  const Type = MODELS[index];
  if (Type === undefined) return [`${apiVersion} ${kind}: no such kind`];
  const errors = unknownFields(object, `V1${kind}`, kind);
  try {
    new Type(object as never).validate();
  } catch (error) {
    errors.push(`${kind}: ${(error as Error).message}`);
  }
  return errors;
}

function unknownFields(value: unknown, type: string, path: string): string[] {
  const list = /^Array<(.+)>$/.exec(type)?.[1];
  if (list !== undefined)
    return (value as unknown[]).flatMap((item, at) => unknownFields(item, list, `${path}[${at}]`));
  const map = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1];
  if (map !== undefined) {
    return Object.entries(value as object).flatMap(([key, item]) => unknownFields(item, map, `${path}.${key}`));
  }
  const attributes = (client as unknown as Record<string, Described>)[type]?.getAttributeTypeMap?.();
  if (attributes === undefined || typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    const attribute = attributes.find(({ baseName }) => baseName === key);
    if (attribute === undefined) return [`${path}.${key}: unknown field`];
    return item === undefined ? [] : unknownFields(item, attribute.type, `${path}.${key}`);
  });
}
