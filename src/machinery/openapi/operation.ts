// An operation, as OpenAPI says it: a method on a path with what goes in and what comes out. And the paths they stand under.
// Upstream: kube-openapi/pkg/builder3/openapi.go
import type { Plain } from '../object.js'
import type { ResourceDefinition } from '../resource.js'
import type { Schema } from '../shape/shape.js'
import { groupWord } from './names.js'
import { type Parameter, pathParameters, prettyParameter, queryParameters, sorted } from './parameters.js'
import type { Describe, JSONSchema, Schemas } from './schemas.js'

export interface Operation {
  path: string
  method: string
  /** Of the query; those of the path follow from the path. */
  parameters: readonly Parameter[]
  body: Plain
}

export interface OperationSources {
  schema: Schema
  /** Of the document that is made. */
  schemas: Schemas
  describe: Describe
}

/** What operations on one resource have in common. */
export interface ResourceWords extends OperationSources {
  definition: ResourceDefinition
  /** `/api/v1/namespaces/{namespace}/pods` */
  base: string
  /** `CoreV1` */
  prefix: string
  /** `NamespacedPod` */
  subject: string
}

export const mediaTypes = ['application/json', 'application/vnd.kubernetes.protobuf', 'application/yaml']
export const streamMediaTypes = [
  'application/json',
  'application/json;stream=watch',
  'application/vnd.kubernetes.protobuf',
  'application/vnd.kubernetes.protobuf;stream=watch',
  'application/yaml',
]
const patchMediaTypes = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
]

const codeDescriptions: Record<string, string> = { 200: 'OK', 201: 'Created', 202: 'Accepted' }

/** Responses of an operation: the same schema under every code and media type. */
export function responses(schema: JSONSchema, codes: readonly string[] = ['200'], media: readonly string[] = mediaTypes): Plain {
  const good = codes.map((code) => [code, { description: codeDescriptions[code], content: content(schema, media) }])
  return { ...Object.fromEntries(good), 401: { description: 'Unauthorized' } }
}

export function content(schema: JSONSchema, media: readonly string[]): Plain {
  return Object.fromEntries(media.map((type) => [type, { schema }]))
}

export const requestBody = (schema: JSONSchema) => ({ content: content(schema, ['*/*']), required: true })

export function patchBody({ schema, schemas }: OperationSources): Plain {
  return { content: content(schemas.of(schema.shape('meta/v1.Patch')), patchMediaTypes), required: true }
}

export interface OperationBody {
  action: string
  id: string
  responses: Plain
  requestBody?: Plain
}

export interface GroupVersionKind {
  group: string
  version: string
  kind: string
}

export function operationBody({ definition }: ResourceWords, of: GroupVersionKind, { action, id, responses, requestBody }: OperationBody): Plain {
  return {
    tags: [`${groupWord(definition.group)}_${definition.version}`],
    operationId: id,
    ...(requestBody ? { requestBody } : {}),
    responses,
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group: of.group, kind: of.kind, version: of.version },
  }
}

/** Parameters of an operation: the fields of an options kind, and `pretty`. */
export function options({ schema, describe }: OperationSources, kind: string, without?: readonly string[]): Parameter[] {
  return [...queryParameters(schema.shape(`meta/v1.${kind}`), describe, without), prettyParameter]
}

/** Operations sorted under their paths; what all operations of a path take stands with the path. */
export function pathItems(operations: readonly Operation[]): Record<string, Plain> {
  const byPath = new Map<string, Operation[]>()
  for (const each of operations) {
    const known = byPath.get(each.path)
    if (known) known.push(each)
    else byPath.set(each.path, [each])
  }
  return Object.fromEntries([...byPath].map(([path, those]) => [path, pathItem(path, those)]))
}

function pathItem(path: string, operations: readonly Operation[]): Plain {
  const shared = operations[0].parameters.filter(({ name }) => operations.every(({ parameters }) => parameters.some((each) => each.name === name)))
  const sharedNames = new Set(shared.map(({ name }) => name))
  const item: Plain = {}
  for (const { method, parameters, body } of operations) {
    const own = sorted(parameters.filter(({ name }) => !sharedNames.has(name)))
    item[method] = own.length ? { ...body, parameters: own } : body
  }
  const common = sorted([...pathParameters(path), ...shared])
  return common.length ? { ...item, parameters: common } : item
}
