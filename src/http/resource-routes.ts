// The one route of all resources: parse, call one verb, write.
import {
  type DeleteOptions,
  isStatus,
  type ResourceDefinition,
  type Shape,
  type Status,
  StatusError,
  type SubresourceFacts,
  status,
} from '../machinery/index.js'
import {
  type Call,
  create,
  createSubresource,
  get,
  getScale,
  list,
  patch,
  patchScale,
  type Realm,
  remove,
  removeCollection,
  update,
  updateScale,
  type WriteCall,
  writeCall,
} from '../registry/index.js'
import { type ExpectedBody, readDeleteOptions, readObject, readPatch, type SentBody } from './body/request-body.js'
import { type Exchange, send, sendNoSuchPath, sendStatus } from './exchange.js'
import { type Answering, negotiate, patchFormat } from './negotiation.js'
import { type Checked, deleteOptions, isTrue, listOptions, requestProblem, type WriteKind, writeOptions } from './query.js'
import { type EncodeContext, encodeAnswer, encodeListAnswer } from './reply.js'
import { isInsideAPI, type RequestInfo, requestInfo } from './request-info.js'
import { scaleView } from './scale-table.js'

export interface ResourceRoutes {
  realm: Realm
  shapeOf(apiVersion: string, kind: string): Shape | undefined
  /** Serves a watch on the connection of the exchange. */
  serveWatch(exchange: Exchange, call: Call, context: EncodeContext): void
}

/** Answers one request under /api or /apis. Failures are Statuses; anything else thrown is a bug and is passed on. */
export async function serveResource(routes: ResourceRoutes, exchange: Exchange): Promise<void> {
  try {
    await dispatch(routes, exchange)
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    sendStatus(exchange, error.status)
  }
}

async function dispatch(routes: ResourceRoutes, exchange: Exchange): Promise<void> {
  const { request, path, query } = exchange
  const { catalogue } = routes.realm
  const method = request.method ?? 'GET'
  const isKnownMethod = resourceMethods.has(method)
  // A method that no resource knows is refused where there is something, and finds nothing where there is nothing.
  const info = requestInfo({ method: isKnownMethod ? method : 'GET', path, isWatch: isTrue(query.get('watch')) })
  const definition = info && catalogue.find(info.apiVersion, info.resource)
  if (!definition) return sendNothingThere(routes, exchange)
  const subresource = requireRoute(definition, info, isKnownMethod)
  if (definition.warning) exchange.warnings.push(definition.warning)
  const call: Call = {
    definition,
    namespace: definition.namespaced ? info.namespace : '',
    name: info.name,
    subresource: info.subresource,
    user: exchange.user,
    warn: (text) => exchange.warnings.push(text),
  }
  if (info.verb === 'watch') return routes.serveWatch(exchange, call, contextOf(routes, exchange, { definition, info, subresource }))
  const problem = requestProblem(query, method)
  if (problem) throw new StatusError(problem)
  const context = contextOf(routes, exchange, { definition, info, subresource })
  await verbs[info.verb]({ routes, exchange, call, context, subresource })
}

const resourceMethods = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])

function sendNothingThere({ realm }: ResourceRoutes, exchange: Exchange): void {
  const isServedGroup = (group: string) => realm.catalogue.definitions().some((definition) => definition.group === group)
  if (isInsideAPI(exchange.path, isServedGroup)) sendStatus(exchange, status.noSuchResource())
  else sendNoSuchPath(exchange)
}

/** @throws {StatusError} 404 or 405 when there is no such route */
function requireRoute(definition: ResourceDefinition, info: RequestInfo, isKnownMethod: boolean): SubresourceFacts | undefined {
  if (!definition.namespaced && info.namespace) throw new StatusError(status.noSuchResource())
  const subresource = info.subresource ? requireSubresource(definition, info) : undefined
  const served = subresource?.verbs ?? verbsAt(definition, info)
  if (!served.length) throw new StatusError(status.noSuchResource())
  if (!isKnownMethod || !served.includes(info.verb)) throw new StatusError(status.methodNotAllowed())
  return subresource
}

function requireSubresource(definition: ResourceDefinition, info: RequestInfo): SubresourceFacts {
  const subresource = definition.subresources?.find(({ name }) => name === info.subresource)
  const isServed = subresource && !connects.has(subresource.kind) && subresource.name !== 'log' && !info.rest.length
  if (!isServed || (definition.namespaced && !info.namespace)) throw new StatusError(status.noSuchResource())
  return subresource
}

// Streams into containers need containers.
const connects = new Set(['PodExecOptions', 'PodAttachOptions', 'PodPortForwardOptions', 'PodProxyOptions', 'ServiceProxyOptions', 'NodeProxyOptions'])

const objectVerbs = ['get', 'update', 'patch', 'delete']
const collectionVerbs = ['list', 'create', 'deletecollection']
const readingVerbs = ['list']

/** What is served of one object, of a collection, or of a collection across namespaces, which can only be read. */
function verbsAt({ namespaced, verbs: served }: ResourceDefinition, { name, namespace }: RequestInfo): readonly string[] {
  const isAcross = namespaced && !namespace
  if (isAcross && name) return []
  const here = served.filter((verb) => (name ? objectVerbs : isAcross ? readingVerbs : collectionVerbs).includes(verb))
  // Where there is something to see it can be watched, an object by its own old path.
  return served.includes('watch') && here.length ? [...here, 'watch'] : here
}

interface Asked {
  definition: ResourceDefinition
  info: RequestInfo
  subresource: SubresourceFacts | undefined
}

function contextOf(routes: ResourceRoutes, exchange: Exchange, asked: Asked): EncodeContext {
  const representation = accepted(negotiate(exchange.request.headers.accept, answeringOf(asked)))
  const includeObject = exchange.query.get('includeObject') ?? undefined
  if (representation.as === 'Table') requireIncludeObject(includeObject)
  const { subresource } = asked
  const definition = subresource?.columns ? scaleView(asked.definition, subresource) : asked.definition
  return {
    definition,
    representation,
    isPretty: exchange.isPretty,
    isRead: asked.info.verb === 'get',
    now: routes.realm.now(),
    includeObject,
    shapeOf: routes.shapeOf,
  }
}

function answeringOf({ definition, info: { verb }, subresource }: Asked): Answering {
  if (verb === 'watch') return 'watch'
  if (verb === 'list' || verb === 'deletecollection') return 'list'
  return definition.review || definition.createsThrough || (subresource && verb === 'create') ? 'columnless' : 'object'
}

function requireIncludeObject(value = ''): void {
  if (['', 'Metadata', 'Object', 'None'].includes(value)) return
  const cause = `includeObject: Invalid value: ${JSON.stringify(value)}: must be 'Metadata', 'Object', 'None', or empty`
  throw new StatusError(status.badRequest(`Unable to convert to Table as requested: ${cause}`))
}

function accepted<Value>(value: Value | Status): Value {
  if (isStatus(value)) throw new StatusError(value)
  return value as Value
}

interface Turn {
  routes: ResourceRoutes
  exchange: Exchange
  call: Call
  context: EncodeContext
  subresource: SubresourceFacts | undefined
}

const verbs: Record<Exclude<RequestInfo['verb'], 'watch'>, (turn: Turn) => void | Promise<void>> = {
  get({ routes, exchange, call, context, subresource }) {
    if (subresource?.name === 'scale') return reply(exchange, getScale(routes.realm, call, scaleShape(routes)), context)
    reply(exchange, get(routes.realm, call, exchange.query.get('resourceVersion') ?? ''), context)
  },

  list({ routes, exchange, call, context }) {
    const options = checked(listOptions(exchange.query, false))
    send(exchange, 200, encodeListAnswer(list(routes.realm, call, options), context))
  },

  async create({ routes, exchange, call, context, subresource }) {
    const write = writeCallOf(exchange, call, 'CreateOptions')
    if (!subresource) return reply(exchange, create(routes.realm, write, await bodyOf(routes, exchange, call.definition)), context)
    const shape = requireShape(routes, apiVersionOf(subresource), subresource.kind)
    const expected = { ...subresource, apiVersion: apiVersionOf(subresource), shape }
    const { alsoAccepts } = call.definition.subresourceHooks?.[subresource.name] ?? {}
    const shapeOf = (apiVersion: string, kind: string) =>
      kind === expected.kind && alsoAccepts?.includes(apiVersion) ? shape : routes.shapeOf(apiVersion, kind)
    reply(exchange, createSubresource(routes.realm, write, await readObject(sentBody(exchange), expected, shapeOf), expected), context)
  },

  async update({ routes, exchange, call, context, subresource }) {
    const write = writeCallOf(exchange, call, 'UpdateOptions')
    if (subresource?.name === 'scale') {
      const shape = scaleShape(routes)
      const body = await bodyOf(routes, exchange, { apiVersion: 'autoscaling/v1', kind: 'Scale', shape })
      return reply(exchange, updateScale(routes.realm, write, body, shape), context)
    }
    reply(exchange, update(routes.realm, write, await bodyOf(routes, exchange, call.definition)), context)
  },

  async patch({ routes, exchange, call, context, subresource }) {
    const type = accepted(patchFormat(exchange.request.headers['content-type']))
    const options = checked(writeOptions(exchange.query, 'PatchOptions', exchange.request.headers['user-agent'], type === 'apply'))
    const write = writeCall(call, options)
    const body = await readPatch(exchange.body ?? empty, type)
    if (subresource?.name === 'scale') return reply(exchange, patchScale(routes.realm, write, scaleShape(routes), { type, body }), context)
    reply(exchange, patch(routes.realm, write, { type, body }), context)
  },

  async delete({ routes, exchange, call, context }) {
    reply(exchange, remove(routes.realm, call, await deleteOptionsOf(routes, exchange)), context)
  },

  async deletecollection({ routes, exchange, call, context }) {
    const selectors = checked(listOptions(exchange.query, false))
    const options = await deleteOptionsOf(routes, exchange)
    send(exchange, 200, encodeListAnswer(removeCollection(routes.realm, call, selectors, options), context))
  },
}

const bodyOf = (routes: ResourceRoutes, exchange: Exchange, expected: ExpectedBody) => readObject(sentBody(exchange), expected, routes.shapeOf)

function reply(exchange: Exchange, answer: Parameters<typeof encodeAnswer>[0], context: EncodeContext): void {
  send(exchange, answer.code, encodeAnswer(answer, context))
}

function checked<Options>(result: Checked<Options>): Options {
  if ('refused' in result) throw new StatusError(result.refused)
  return result.options
}

function writeCallOf(exchange: Exchange, call: Call, kind: WriteKind): WriteCall {
  return writeCall(call, checked(writeOptions(exchange.query, kind, exchange.request.headers['user-agent'])))
}

function requireShape(routes: ResourceRoutes, apiVersion: string, kind: string): Shape {
  const shape = routes.shapeOf(apiVersion, kind)
  if (!shape) throw new Error(`no shape of ${apiVersion} ${kind}`)
  return shape
}

const scaleShape = (routes: ResourceRoutes) => requireShape(routes, 'autoscaling/v1', 'Scale')
const apiVersionOf = ({ group, version }: { group: string; version: string }) => (group ? `${group}/${version}` : version)
const empty = Buffer.alloc(0)

const sentBody = ({ body, request }: Exchange): SentBody => ({ bytes: body ?? empty, contentType: request.headers['content-type'] })

async function deleteOptionsOf(routes: ResourceRoutes, exchange: Exchange): Promise<DeleteOptions> {
  const body = await readDeleteOptions(sentBody(exchange), requireShape(routes, 'meta.k8s.io/v1', 'DeleteOptions'))
  return checked(deleteOptions(exchange.query, body))
}
