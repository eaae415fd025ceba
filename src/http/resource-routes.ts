// The one route of all resources: parse, call one verb, write.
import {
  decodeObject as decodeProtobuf,
  isObject,
  isStatus,
  type Plain,
  type ResourceDefinition,
  type Shape,
  type Status,
  StatusError,
  type SubresourceFacts,
  status,
} from '../machinery/index.js'
import {
  type Body,
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
} from '../registry/index.js'
import { parseJSONBody, unrecognizedBody } from './body/json-body.js'
import { type Exchange, send, sendNoSuchPath, sendStatus } from './exchange.js'
import { type Answering, bodyFormat, negotiate, patchFormat } from './negotiation.js'
import { type Checked, deleteOptions, isTrue, listOptions, type WriteKind, writeOptions } from './query.js'
import { type EncodeContext, encodeAnswer, encodeListAnswer } from './reply.js'
import { type RequestInfo, requestInfo } from './request-info.js'

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
  const info = requestInfo({ method: request.method ?? 'GET', path, isWatch: isTrue(query.get('watch')) })
  const { catalogue } = routes.realm
  if (!info) return request.method === 'HEAD' || request.method === 'OPTIONS' ? sendStatus(exchange, status.methodNotAllowed()) : sendNoSuchPath(exchange)
  const definition = catalogue.find(info.apiVersion, info.resource)
  if (!definition) return catalogue.hasGroupVersion(info.apiVersion) ? sendStatus(exchange, status.noSuchResource()) : sendNoSuchPath(exchange)
  const subresource = requireRoute(definition, info)
  if (definition.warning) exchange.warnings.push(definition.warning)
  const call: Call = {
    definition,
    namespace: definition.namespaced ? info.namespace : '',
    name: info.name,
    subresource: info.subresource,
    user: exchange.user,
    warn: (text) => exchange.warnings.push(text),
  }
  if (info.verb === 'watch') return serveWatch(routes, exchange, call)
  const context = contextOf(routes, exchange, definition, info.verb === 'list' || info.verb === 'deletecollection' ? 'list' : 'object')
  await verbs[info.verb]({ routes, exchange, call, context, subresource })
}

/** @throws {StatusError} 404 or 405 when there is no such route */
function requireRoute(definition: ResourceDefinition, info: RequestInfo): SubresourceFacts | undefined {
  if (!info.subresource) {
    // Collections of all namespaces can only be read.
    const isAllNamespaces = definition.namespaced && !info.namespace && (info.name !== '' || info.verb === 'create' || info.verb === 'deletecollection')
    if (isAllNamespaces && info.name) throw new StatusError(status.noSuchResource())
    if (isAllNamespaces || !allows(definition, info)) throw new StatusError(status.methodNotAllowed())
    return undefined
  }
  const subresource = definition.subresources?.find(({ name }) => name === info.subresource)
  const isServed = subresource && !connects.has(subresource.kind) && subresource.name !== 'log' && !info.rest.length
  if (!isServed || (definition.namespaced && !info.namespace)) throw new StatusError(status.noSuchResource())
  if (!subresource.verbs.includes(info.verb)) throw new StatusError(status.methodNotAllowed())
  return subresource
}

// Streams into containers need containers.
const connects = new Set(['PodExecOptions', 'PodAttachOptions', 'PodPortForwardOptions', 'PodProxyOptions', 'ServiceProxyOptions', 'NodeProxyOptions'])

function allows({ verbs: served }: ResourceDefinition, { verb, name }: RequestInfo): boolean {
  if (verb === 'create' && name) return false
  if ((verb === 'update' || verb === 'patch') && !name) return false
  return served.includes(verb)
}

function contextOf(routes: ResourceRoutes, exchange: Exchange, definition: ResourceDefinition, answering: Answering): EncodeContext {
  const representation = accepted(negotiate(exchange.request.headers.accept, answering))
  const includeObject = exchange.query.get('includeObject') ?? undefined
  if (representation.as === 'Table') requireIncludeObject(includeObject)
  return { definition, representation, isPretty: exchange.isPretty, now: routes.realm.now(), includeObject, shapeOf: routes.shapeOf }
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
    const write = writeCall(exchange, call, 'CreateOptions')
    if (!subresource) return reply(exchange, create(routes.realm, write, await bodyOf(routes, exchange, call.definition)), context)
    const shape = requireShape(routes, apiVersionOf(subresource), subresource.kind)
    const expected = { ...subresource, apiVersion: apiVersionOf(subresource), shape }
    reply(exchange, createSubresource(routes.realm, write, await bodyOf(routes, exchange, expected), expected), context)
  },

  async update({ routes, exchange, call, context, subresource }) {
    const write = writeCall(exchange, call, 'UpdateOptions')
    if (subresource?.name === 'scale') {
      const shape = scaleShape(routes)
      const body = await bodyOf(routes, exchange, { apiVersion: 'autoscaling/v1', kind: 'Scale' })
      return reply(exchange, updateScale(routes.realm, write, body, shape), context)
    }
    reply(exchange, update(routes.realm, write, await bodyOf(routes, exchange, call.definition)), context)
  },

  async patch({ routes, exchange, call, context, subresource }) {
    const type = accepted(patchFormat(exchange.request.headers['content-type']))
    const options = checked(writeOptions(exchange.query, 'PatchOptions', exchange.request.headers['user-agent'], type === 'apply'))
    const write: WriteCall = { ...call, options }
    const body = type === 'apply' ? await patchYAML(exchange) : patchJSON(exchange)
    if (subresource?.name === 'scale') return reply(exchange, patchScale(routes.realm, write, scaleShape(routes), { type, body }), context)
    reply(exchange, patch(routes.realm, write, { type, body }), context)
  },

  async delete({ routes, exchange, call, context }) {
    reply(exchange, remove(routes.realm, call, checked(deleteOptions(exchange.query, await deleteBody(routes, exchange)))), context)
  },

  async deletecollection({ routes, exchange, call, context }) {
    const selectors = checked(listOptions(exchange.query, false))
    const options = checked(deleteOptions(exchange.query, await deleteBody(routes, exchange)))
    send(exchange, 200, encodeListAnswer(removeCollection(routes.realm, call, selectors, options), context))
  },
}

function serveWatch(routes: ResourceRoutes, exchange: Exchange, call: Call): void {
  const context = contextOf(routes, exchange, call.definition, 'watch')
  routes.serveWatch(exchange, call, context)
}

function reply(exchange: Exchange, answer: Parameters<typeof encodeAnswer>[0], context: EncodeContext): void {
  send(exchange, answer.code, encodeAnswer(answer, context))
}

function checked<Options>(result: Checked<Options>): Options {
  if ('refused' in result) throw new StatusError(result.refused)
  return result.options
}

function writeCall(exchange: Exchange, call: Call, kind: WriteKind): WriteCall {
  return { ...call, options: checked(writeOptions(exchange.query, kind, exchange.request.headers['user-agent'])) }
}

function requireShape(routes: ResourceRoutes, apiVersion: string, kind: string): Shape {
  const shape = routes.shapeOf(apiVersion, kind)
  if (!shape) throw new Error(`no shape of ${apiVersion} ${kind}`)
  return shape
}

const scaleShape = (routes: ResourceRoutes) => requireShape(routes, 'autoscaling/v1', 'Scale')
const apiVersionOf = ({ group, version }: { group: string; version: string }) => (group ? `${group}/${version}` : version)
const empty = Buffer.alloc(0)

/** The body as JSON, whatever it was written in. @throws {StatusError} 400, 415 */
async function bodyOf(routes: ResourceRoutes, exchange: Exchange, expected: { apiVersion: string; kind: string }): Promise<Body> {
  const bytes = exchange.body ?? empty
  const format = accepted(bodyFormat(exchange.request.headers['content-type']))
  if (format === 'protobuf') return protobufBody(routes, bytes, expected)
  if (format === 'yaml') return yamlBody(bytes, expected.kind)
  const parsed = parseJSONBody(bytes)
  if ('error' in parsed) throw new StatusError(unrecognizedBody(expected.kind, parsed.error, bytes))
  return parsed
}

async function yamlBody(bytes: Buffer, kind: string): Promise<Body> {
  const { duplicateKeysProblem, parseYAML, unrecognizedYAMLBody } = await import('./body/yaml-body.js')
  const parsed = parseYAML(bytes.toString())
  if ('error' in parsed) throw new StatusError(unrecognizedYAMLBody(kind, parsed.error, bytes))
  return { value: parsed.value, problems: parsed.duplicateKeys.length ? [duplicateKeysProblem(parsed.duplicateKeys)] : [] }
}

function protobufBody(routes: ResourceRoutes, bytes: Buffer, expected: { apiVersion: string; kind: string }): Body {
  const decoded = decodeProtobuf(bytes, expected, routes.shapeOf)
  if ('error' in decoded) throw new StatusError(status.badRequest(decoded.error))
  return { value: decoded.object }
}

function patchJSON(exchange: Exchange): Body {
  const parsed = parseJSONBody(exchange.body ?? empty)
  if ('error' in parsed) throw new StatusError(status.badRequest(`error decoding patch: ${parsed.error}`))
  return parsed
}

async function patchYAML(exchange: Exchange): Promise<Body> {
  const { parseYAML } = await import('./body/yaml-body.js')
  const parsed = parseYAML((exchange.body ?? empty).toString())
  if ('error' in parsed) throw new StatusError(status.badRequest(`error decoding patch: ${parsed.error}`))
  return { value: parsed.value, problems: parsed.duplicateKeys }
}

/** DeleteOptions of a body, whatever group version it names; undefined when there is no body. */
async function deleteBody(routes: ResourceRoutes, exchange: Exchange): Promise<Plain | undefined> {
  if (!exchange.body?.length) return undefined
  const { value } = await bodyOf({ ...routes, shapeOf: () => routes.shapeOf('meta.k8s.io/v1', 'DeleteOptions') }, exchange, { apiVersion: 'meta.k8s.io/v1', kind: 'DeleteOptions' })
  if (!isObject(value)) throw new StatusError(status.badRequest('the object provided is unrecognized (must be of type DeleteOptions)'))
  return value
}
