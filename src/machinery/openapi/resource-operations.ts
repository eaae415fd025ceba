// The operations on one resource: which verb is which method on which path.
// Upstream: apiserver/pkg/endpoints/installer.go registerResourceHandlers
import type { Plain } from '../object.js'
import type { ResourceDefinition } from '../resource.js'
import type { Shape } from '../shape/shape.js'
import { operationPrefix } from './names.js'
import {
  content,
  type Operation,
  type OperationBody,
  type OperationSources,
  operationBody,
  options,
  patchBody,
  type ResourceWords,
  requestBody,
  responses,
  streamMediaTypes,
} from './operation.js'
import { type Parameter, prettyParameter, queryParameters } from './parameters.js'
import { subresourceOperations } from './subresource-operations.js'

/** All operations of a resource and of its subresources. */
export function operationsOf(definition: ResourceDefinition, sources: OperationSources): Operation[] {
  const root = definition.group ? `/apis/${definition.apiVersion}` : `/api/${definition.apiVersion}`
  const place = `${definition.namespaced ? 'namespaces/{namespace}/' : ''}${definition.plural}`
  const words: ResourceWords = {
    ...sources,
    definition,
    base: `${root}/${place}`,
    prefix: operationPrefix(definition.group, definition.version),
    subject: `${definition.namespaced ? 'Namespaced' : ''}${definition.kind}`,
  }
  return [
    ...collectionOperations(words),
    ...objectOperations(words),
    ...listOfAllNamespaces(words, root),
    ...watchOperations(words, root, place),
    ...(definition.subresources ?? []).flatMap((subresource) => subresourceOperations(words, subresource)),
  ]
}

interface Draft extends OperationBody {
  path: string
  method: string
  parameters: Parameter[]
}

/** The operations whose verbs are served. */
function served(words: ResourceWords, drafts: Record<string, () => Draft>): Operation[] {
  return Object.entries(drafts)
    .filter(([verb]) => words.definition.verbs.includes(verb))
    .map(([, make]) => operation(words, make()))
}

function operation(words: ResourceWords, { path, method, parameters, ...body }: Draft): Operation {
  return { path, method, parameters, body: operationBody(words, words.definition, body) }
}

function collectionOperations(words: ResourceWords): Operation[] {
  const { base: path, prefix, subject, schemas, schema, definition } = words
  const object = schemas.of(definition.shape)
  return served(words, {
    list: () => ({
      path,
      method: 'get',
      action: 'list',
      id: `list${prefix}${subject}`,
      responses: listResponses(words),
      parameters: options(words, 'ListOptions'),
    }),
    create: () => ({
      path,
      method: 'post',
      action: 'post',
      id: `create${prefix}${subject}`,
      responses: responses(object, ['200', '201', '202']),
      requestBody: requestBody(object),
      parameters: options(words, 'CreateOptions'),
    }),
    deletecollection: () => ({
      path,
      method: 'delete',
      action: 'deletecollection',
      id: `delete${prefix}Collection${subject}`,
      responses: responses(schemas.of(schema.shape('meta/v1.Status'))),
      requestBody: deleteBody(words),
      parameters: [
        ...queryParameters(schema.shape('meta/v1.ListOptions'), words.describe, ['watch', 'allowWatchBookmarks']),
        ...options(words, 'DeleteOptions'),
      ],
    }),
  })
}

function objectOperations(words: ResourceWords): Operation[] {
  const { prefix, subject, schemas, schema, definition } = words
  const path = `${words.base}/{name}`
  const object = schemas.of(definition.shape)
  return served(words, {
    get: () => ({ path, method: 'get', action: 'get', id: `read${prefix}${subject}`, responses: responses(object), parameters: [prettyParameter] }),
    update: () => ({
      path,
      method: 'put',
      action: 'put',
      id: `replace${prefix}${subject}`,
      responses: responses(object, ['200', '201']),
      requestBody: requestBody(object),
      parameters: options(words, 'UpdateOptions'),
    }),
    delete: () => ({
      path,
      method: 'delete',
      action: 'delete',
      id: `delete${prefix}${subject}`,
      responses: responses(definition.deleteReturns === 'object' ? object : schemas.of(schema.shape('meta/v1.Status')), ['200', '202']),
      requestBody: deleteBody(words),
      parameters: options(words, 'DeleteOptions'),
    }),
    patch: () => ({
      path,
      method: 'patch',
      action: 'patch',
      id: `patch${prefix}${subject}`,
      responses: responses(object, ['200', '201']),
      requestBody: patchBody(words),
      parameters: options(words, 'PatchOptions'),
    }),
  })
}

function listOfAllNamespaces(words: ResourceWords, root: string): Operation[] {
  const { definition, prefix } = words
  if (!definition.namespaced) return []
  const path = `${root}/${definition.plural}`
  const id = `list${prefix}${definition.kind}ForAllNamespaces`
  return served(words, {
    list: () => ({ path, method: 'get', action: 'list', id, responses: listResponses(words), parameters: options(words, 'ListOptions') }),
  })
}

/** The old paths of watches, which clients without the `watch` parameter use. */
function watchOperations(words: ResourceWords, root: string, place: string): Operation[] {
  const { definition, prefix, subject, schemas, schema } = words
  if (!definition.verbs.includes('watch')) return []
  const parameters = options(words, 'ListOptions')
  const watched = responses(schemas.of(schema.shape('meta/v1.WatchEvent')), ['200'], streamMediaTypes)
  const watch = (path: string, action: string, id: string) => operation(words, { path, method: 'get', action, id, responses: watched, parameters })
  return [
    watch(`${root}/watch/${place}`, 'watchlist', `watch${prefix}${subject}List`),
    watch(`${root}/watch/${place}/{name}`, 'watch', `watch${prefix}${subject}`),
    ...(definition.namespaced ? [watch(`${root}/watch/${definition.plural}`, 'watchlist', `watch${prefix}${definition.kind}ListForAllNamespaces`)] : []),
  ]
}

const listResponses = (words: ResourceWords) => responses(words.schemas.of(listShape(words)), ['200'], streamMediaTypes)

function deleteBody({ schema, schemas }: OperationSources): Plain {
  return { content: content(schemas.of(schema.shape('meta/v1.DeleteOptions')), ['*/*']) }
}

/** The shape of a kind's list: from the table of types, or made for a kind that came at run time. */
function listShape({ definition, schema }: ResourceWords): Shape {
  const { group, version, kind, listKind = `${kind}List`, shape } = definition
  const known = schema.find({ group, version, kind: listKind })
  if (known) return known
  const base = { pointer: false, printed: true }
  const fields = [
    { ...base, name: 'metadata', place: 0, required: false, type: { kind: 'struct' as const, shape: schema.shape('meta/v1.ListMeta') } },
    { ...base, name: 'items', place: 1, required: true, type: { kind: 'list' as const, of: { kind: 'struct' as const, shape } } },
  ]
  return {
    ...shape,
    key: `${shape.key}List`,
    name: listKind,
    fields,
    field: new Map(fields.map((field) => [field.name, field])),
    printed: [0, 1],
    embedded: [],
    isKind: true,
    hasTypeMeta: true,
    isAtomic: false,
  }
}
