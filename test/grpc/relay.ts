// Relay: says over gRPC what was meant for REST, wherever gRPC can say it, and puts the answer back into the form of REST.
import { credentials, Client as GrpcClient, type ServiceError } from '@grpc/grpc-js'
import { jsonOfStruct, structOf } from '../../src/grpc/struct.js'
import { type RequestInfo, requestInfo } from '../../src/http/request-info.js'
import { isObject, type Plain, recanonicalize } from '../../src/machinery/index.js'
import { schema } from '../../src/resources/index.js'
import type { Client, Reply } from '../conformance/client.js'
import type { WireRequest } from '../conformance/recording.js'
import { definitionOf, messages, statusOfError } from './wire.js'

export interface Relay extends Client {
  /** How many requests went over gRPC, and how many could not. */
  readonly counts: { relayed: number; left: number }
}

interface Call {
  method: 'Get' | 'List' | 'Create' | 'Update' | 'Patch' | 'Apply' | 'Delete' | 'DeleteCollection'
  request: Plain
  /** HTTP code of success. */
  code: number
}

/** @param rest takes what gRPC has no words for: watches, tables, bodies that are no JSON */
export function relayOver(address: string, rest: Client): Relay {
  const options = { 'grpc.primary_user_agent': 'conformance/1.0', 'grpc.use_local_subchannel_pool': 1, 'grpc.max_receive_message_length': -1 }
  const client = new GrpcClient(address, credentials.createInsecure(), options)
  const counts = { relayed: 0, left: 0 }
  return {
    counts,
    async send(request) {
      const call = callFor(request)
      if (!call) {
        counts.left++
        return rest.send(request)
      }
      counts.relayed++
      // Only REST tells by its code whether a PUT or an apply has made the object.
      const isWrite = request.method === 'PUT' || request.method === 'PATCH'
      const isNew = isWrite && (await rest.send({ method: 'GET', path: request.path.split('?')[0] })).code === 404
      return perform(client, { ...call, code: isNew ? 201 : call.code })
    },
    follow: (follow) => rest.follow(follow),
    close() {
      client.close()
      rest.close()
    },
  }
}

const asBytes = (bytes: Buffer) => bytes

function perform(client: GrpcClient, { method, request, code }: Call): Promise<Reply> {
  const bytes = messages.encode(`kubedouble/v1.Objects${method}Request`, request)
  return new Promise((resolve) => {
    let outcome: { code: number; body: Plain } | undefined
    const call = client.makeUnaryRequest(`/kubedouble.v1.Objects/${method}`, asBytes, asBytes, bytes, (error, answer) => {
      if (error) {
        const status = statusOfError(error as ServiceError)
        outcome = { code: status.code ?? 500, body: status }
      } else outcome = read(method, answer as Buffer, code, request)
    })
    // Trailers are told after the answer.
    call.on('status', ({ metadata }) => setImmediate(() => outcome && resolve(replyOf(outcome, metadata.get('warning').map(String)))))
  })
}

function read(method: Call['method'], answer: Buffer, code: number, request: Plain): { code: number; body: Plain } {
  const isList = method === 'List' || method === 'DeleteCollection'
  const value = messages.decode(
    isList ? 'kubedouble/v1.ObjectsListResponse' : method === 'Delete' ? 'kubedouble/v1.ObjectsDeleteResponse' : 'google/protobuf.Struct',
    answer,
  )
  if (isList) return { code, body: listOf(request, value) }
  if (method !== 'Delete') {
    const object = inOrder(jsonOfStruct(value))
    return { code: object.kind === 'Status' && object.code ? object.code : code, body: object }
  }
  return { code, body: value.object ? inOrder(jsonOfStruct(value.object)) : withoutZeros({ kind: 'Status', apiVersion: 'v1', ...value.status }) }
}

function listOf({ group, version, resource }: Plain, { metadata, items = [] }: Plain): Plain {
  const apiVersion = group ? `${group}/${version}` : version
  const { listKind: kind } = definitionOf(`${apiVersion}/${resource}`)
  const objects = items.map((item: Plain) => inOrder(jsonOfStruct(item))).map(({ kind: _kind, apiVersion: _apiVersion, ...rest }: Plain) => rest)
  return { kind, apiVersion, metadata: withoutZeros(metadata), items: objects }
}

/** Keys of a Struct have no order; those of an object have that of its shape. */
function inOrder(object: Plain): Plain {
  const [group, version] = object.apiVersion.includes('/') ? object.apiVersion.split('/') : ['', object.apiVersion]
  const shape = schema.find({ group, version, kind: object.kind }) ?? schema.find({ group: 'meta.k8s.io', version: 'v1', kind: object.kind })
  return shape ? (recanonicalize(shape, object) as Plain) : object
}

/** Messages of Kubernetes write what is empty, JSON does not. */
function withoutZeros(message: Plain): Plain {
  const kept = Object.entries(message).filter(([, value]) => value !== '' && value !== 0)
  return Object.fromEntries(kept.map(([key, value]) => [key, isObject(value) ? withoutZeros(value) : value]))
}

function replyOf({ code, body }: { code: number; body: Plain }, warnings: string[]): Reply {
  const texts = warnings.flatMap((joined) => joined.split(/, (?=\S)/)).length ? warnings.map(decodeURIComponent) : []
  const retryAfter = body.kind === 'Status' ? body.details?.retryAfterSeconds : undefined
  return {
    code,
    headers: {
      'content-type': 'application/json',
      ...(texts.length ? { warning: texts.map((text) => `299 - "${text.replace(/["\\]/g, '\\$&')}"`).join(', ') } : {}),
      ...(retryAfter ? { 'retry-after': String(retryAfter) } : {}),
    },
    bytes: Buffer.from(JSON.stringify(body)),
  }
}

/** @returns nothing when the request is one that gRPC cannot say */
function callFor({ method, path, accept, contentType = 'application/json', body }: WireRequest): Call | undefined {
  const mark = path.indexOf('?')
  const query = new URLSearchParams(mark < 0 ? '' : path.slice(mark + 1))
  const info = requestInfo({ method, path: mark < 0 ? path : path.slice(0, mark), isWatch: query.has('watch') })
  if (!info || info.rest.length || (accept !== undefined && accept !== 'application/json') || !isKnown(info)) return undefined
  if (body !== undefined && (typeof body !== 'object' || Buffer.isBuffer(body))) return undefined
  const { group, version, resource, namespace, name, subresource } = info
  const where = { group, version, resource, namespace, name, ...(subresource ? { subresource } : {}) }
  const options = optionsOf(query)
  if (!options) return undefined
  const call = formOf(info, contentType, body, options)
  return call && { ...call, request: { ...where, ...options, ...call.request } }
}

function isKnown({ apiVersion, resource, namespace, name, subresource, verb }: RequestInfo): boolean {
  try {
    const { namespaced, subresources } = definitionOf(`${apiVersion}/${resource}`)
    // What has no place in the URL space of REST is another mistake over gRPC.
    const isAcross = namespaced && !namespace && (name !== '' || verb !== 'list')
    const isCreateOfItem = verb === 'create' && name !== '' && !subresource
    return !isAcross && !isCreateOfItem && (!subresource || subresources?.some((each) => each.name === subresource) === true)
  } catch {
    return false
  }
}

function formOf({ verb, subresource }: RequestInfo, contentType: string, body: unknown, options: Plain): Call | undefined {
  if (verb === 'get') return body === undefined ? { method: 'Get', request: {}, code: 200 } : undefined
  if (verb === 'list') return { method: 'List', request: { name: undefined }, code: 200 }
  if (verb === 'delete' || verb === 'deletecollection') {
    const deletion = deletionOf(body)
    return deletion && { method: verb === 'delete' ? 'Delete' : 'DeleteCollection', request: deletion, code: 200 }
  }
  if (verb === 'patch') return patchForm(contentType, body)
  if (!isObject(body) || contentType !== 'application/json' || 'force' in options || (verb !== 'create' && verb !== 'update')) return undefined
  // An object that does not say what it is belongs to REST, which takes that from its URL; the typed services do so too.
  return {
    method: verb === 'create' ? 'Create' : 'Update',
    request: { object: structOf(body) },
    code: verb === 'create' || (verb !== 'update' && subresource) ? 201 : 200,
  }
}

const patchNumbers: Record<string, number> = {
  'application/json-patch+json': 1,
  'application/merge-patch+json': 2,
  'application/strategic-merge-patch+json': 3,
}

function patchForm(contentType: string, body: unknown): Call | undefined {
  if (contentType === 'application/apply-patch+yaml') return isObject(body) ? { method: 'Apply', request: { object: structOf(body) }, code: 200 } : undefined
  const type = patchNumbers[contentType]
  return type === undefined || body === undefined ? undefined : { method: 'Patch', request: { type, patch: JSON.stringify(body) }, code: 200 }
}

const policies: Record<string, number> = { Orphan: 1, Background: 2, Foreground: 3 }

function deletionOf(body: unknown): Plain | undefined {
  if (body === undefined) return {}
  const { kind: _kind, apiVersion: _apiVersion, gracePeriodSeconds, propagationPolicy, preconditions, ...others } = body as Plain
  const policy = propagationPolicy === undefined ? 0 : policies[propagationPolicy]
  const isPlain = (gracePeriodSeconds === undefined || Number.isInteger(gracePeriodSeconds)) && policy !== undefined
  return isPlain && !Object.keys(others).length ? { gracePeriodSeconds, propagationPolicy: policy, preconditions } : undefined
}

const words: Record<string, (text: string) => unknown> = {
  labelSelector: (text) => text,
  fieldSelector: (text) => text,
  resourceVersion: (text) => text,
  fieldManager: (text) => text,
  continue: (text) => text,
  limit: (text) => (/^\d+$/.test(text) ? Number(text) : undefined),
  dryRun: (text) => (text === 'All' ? true : undefined),
  force: (text) => (text === 'true' ? true : undefined),
  resourceVersionMatch: (text) => ({ Exact: 1, NotOlderThan: 2 })[text],
  fieldValidation: (text) => ({ Ignore: 1, Warn: 2, Strict: 3 })[text],
  propagationPolicy: (text) => policies[text],
  gracePeriodSeconds: (text) => (/^\d+$/.test(text) ? Number(text) : undefined),
}

function optionsOf(query: URLSearchParams): Plain | undefined {
  const options: Plain = {}
  for (const [name, text] of query) {
    const value = words[name]?.(text)
    if (value === undefined) return undefined
    options[name === 'continue' ? 'continueToken' : name] = value
  }
  return options
}
