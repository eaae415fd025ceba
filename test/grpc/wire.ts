// A wire: the verbs as a client sees them, over REST, over the typed gRPC services, and over the one for all kinds.
import { Client, credentials, type Metadata, Metadata as MetadataClass, type ServiceError } from '@grpc/grpc-js'
import { contractServices } from '../../src/grpc/contract.js'
import { Messages } from '../../src/grpc/messages.js'
import type { MethodName } from '../../src/grpc/service-contract.js'
import { jsonOfStruct, structOf } from '../../src/grpc/struct.js'
import { type Plain, type ResourceDefinition, recanonicalize, type Status } from '../../src/machinery/index.js'
import { builtInResources, schema } from '../../src/resources/index.js'
import { linesOf } from '../support/lines.js'

export const messages = new Messages(schema)

/** An object, a list, or the Status of a refusal or a deletion. */
export type Reply = Plain

export interface Place {
  namespace?: string
  name?: string
}

export interface Writing extends Place {
  subresource?: string
  dryRun?: boolean
  fieldManager?: string
  fieldValidation?: 'Ignore' | 'Warn' | 'Strict'
  force?: boolean
}

export interface Reading extends Place {
  labelSelector?: string
  fieldSelector?: string
  limit?: number
  continue?: string
  resourceVersion?: string
  resourceVersionMatch?: string
}

export interface Deleting extends Place {
  gracePeriodSeconds?: number
  propagationPolicy?: 'Orphan' | 'Background' | 'Foreground'
  preconditions?: Plain
}

export interface WireEvent {
  type: string
  object: Plain
}

export interface Wire {
  readonly name: string
  /** Whether it has a way to this resource. */
  serves(definition: ResourceDefinition): boolean
  get(definition: ResourceDefinition, place: Reading & { subresource?: string }): Promise<Reply>
  list(definition: ResourceDefinition, options: Reading): Promise<Reply>
  create(definition: ResourceDefinition, object: Plain, options: Writing): Promise<Reply>
  update(definition: ResourceDefinition, object: Plain, options: Writing): Promise<Reply>
  patch(definition: ResourceDefinition, change: unknown, options: Writing & { type: 'json' | 'merge' | 'strategic' }): Promise<Reply>
  apply(definition: ResourceDefinition, object: Plain, options: Writing): Promise<Reply>
  delete(definition: ResourceDefinition, options: Deleting): Promise<Reply>
  deleteCollection(definition: ResourceDefinition, options: Reading & Deleting): Promise<Reply>
  /** @param wanted how many events are waited for */
  watch(definition: ResourceDefinition, options: Reading & { timeoutSeconds?: number }, wanted: number): Promise<WireEvent[]>
}

const query = (options: Plain) => {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined && value !== '')
  return new URLSearchParams(entries.map(([key, value]): [string, string] => [key, String(value)])).toString()
}

/** @param http `http://127.0.0.1:8080` */
export function restWire(http: string): Wire {
  const url = ({ group, version, plural, namespaced }: ResourceDefinition, { namespace, name, subresource }: Writing, options: Plain = {}) =>
    [
      http,
      group ? `/apis/${group}/${version}` : `/api/${version}`,
      namespaced && namespace ? `/namespaces/${namespace}` : '',
      `/${plural}`,
      ...[name, subresource].filter(Boolean).map((each) => `/${each}`),
      `?${query(options)}`,
    ].join('')
  const send = async (method: string, to: string, body?: unknown, contentType = 'application/json'): Promise<Reply> => {
    const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
    const answer = await fetch(to, { method, body: text, headers: { 'user-agent': 'wire/1', ...(text === undefined ? {} : { 'content-type': contentType }) } })
    return (await answer.json()) as Reply
  }
  const readQuery = ({ namespace: _namespace, name: _name, ...options }: Reading) => options
  const writeQuery = ({ dryRun, fieldManager, fieldValidation, force }: Writing) => ({
    dryRun: dryRun ? 'All' : undefined,
    fieldManager,
    fieldValidation,
    force,
  })
  const deleteBody = ({ gracePeriodSeconds, propagationPolicy, preconditions }: Deleting) => ({
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    gracePeriodSeconds,
    propagationPolicy,
    preconditions,
  })
  const patchTypes = { json: 'json-patch', merge: 'merge-patch', strategic: 'strategic-merge-patch' }
  return {
    name: 'REST',
    serves: () => true,
    get: (definition, { resourceVersion, ...place }) => send('GET', url(definition, place, { resourceVersion })),
    list: (definition, options) => send('GET', url(definition, { namespace: options.namespace }, readQuery(options))),
    create: (definition, object, options) => send('POST', url(definition, options, writeQuery(options)), object),
    update: (definition, object, options) => send('PUT', url(definition, options, writeQuery(options)), object),
    patch: (definition, change, options) =>
      send('PATCH', url(definition, options, writeQuery(options)), change, `application/${patchTypes[options.type]}+json`),
    apply: (definition, object, options) => send('PATCH', url(definition, options, writeQuery(options)), object, 'application/apply-patch+yaml'),
    delete: (definition, options) => send('DELETE', url(definition, options), deleteBody(options)),
    deleteCollection: (definition, { namespace, labelSelector, fieldSelector, ...options }) =>
      send('DELETE', url(definition, { namespace }, { labelSelector, fieldSelector }), deleteBody(options)),
    async watch(definition, { namespace, ...options }, wanted) {
      const answer = await fetch(url(definition, { namespace }, { ...options, watch: 1 }))
      const events: WireEvent[] = []
      for await (const line of linesOf(answer.body as AsyncIterable<Uint8Array>)) {
        events.push(JSON.parse(line))
        if (events.length >= wanted) break
      }
      return events
    },
  }
}

const enumNumbers: Record<string, Record<string, number>> = {
  fieldValidation: { Ignore: 1, Warn: 2, Strict: 3 },
  propagationPolicy: { Orphan: 1, Background: 2, Foreground: 3 },
  resourceVersionMatch: { Exact: 1, NotOlderThan: 2 },
  type: { json: 1, merge: 2, strategic: 3 },
}
const eventTypes = ['', 'ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR']

function requestOf({ continue: continueToken, ...options }: Plain): Plain {
  const request: Plain = { ...options, ...(continueToken ? { continueToken } : {}) }
  for (const [name, numbers] of Object.entries(enumNumbers)) if (request[name] !== undefined) request[name] = numbers[request[name]]
  return request
}

const asBytes = (bytes: Buffer) => bytes

/** One call with bytes in and out. Rejects with a ServiceError. */
export function callUnary(client: Client, path: string, request: Buffer, metadata: Metadata = new MetadataClass()): Promise<Buffer> {
  return new Promise((resolve, reject) =>
    client.makeUnaryRequest(path, asBytes, asBytes, request, metadata, (error, answer) => (error ? reject(error) : resolve(answer as Buffer))),
  )
}

/** The Status that travels with the error of a call, as REST would print it. */
export function statusOfError(error: ServiceError): Status {
  const [details] = error.metadata.get('grpc-status-details-bin') as Buffer[]
  const { code, message, details: anys } = messages.decode('google/rpc.Status', details)
  if (code !== error.code || message !== error.details) throw new Error(`the details say ${code} ${message}, the call ${error.code} ${error.details}`)
  const status = anys.find(({ typeUrl }: Plain) => typeUrl === 'type.googleapis.com/k8s.io.apimachinery.pkg.apis.meta.v1.Status')
  return canonical('meta/v1.Status', messages.decode('meta/v1.Status', Buffer.from(status.value, 'base64')), { kind: 'Status', apiVersion: 'v1' }) as Status
}

function canonical(key: string, value: Plain, typeMeta: Plain): Plain {
  return recanonicalize(messages.shape(key), { ...typeMeta, ...value }) as Plain
}

/** Which service of the contract has the resource. */
export const serviceOf = ({ key }: ResourceDefinition) => contractServices.find(({ resource }) => resource === key)

export function grpcWire(client: Client, form: 'typed' | 'generic'): Wire {
  const generic = contractServices.find(({ resource }) => !resource)
  const contractOf = (definition: ResourceDefinition) => {
    const contract = form === 'typed' ? serviceOf(definition) : generic
    if (!contract) throw new Error(`no service for ${definition.key}`)
    return contract
  }
  const methodOf = (definition: ResourceDefinition, name: MethodName) => {
    const contract = contractOf(definition)
    const method = contract.methods.find((each) => each.name === name)
    if (!method) throw new Error(`${contract.name} has no ${name}`)
    return { ...method, path: `/${contract.name}/${name}` }
  }
  const address = ({ group, version, plural: resource }: ResourceDefinition) => (form === 'typed' ? {} : { group, version, resource })
  const sent = (object: Plain) => (form === 'typed' ? object : structOf(object))
  const objectOf = (definition: ResourceDefinition, value: Plain) => {
    if (form === 'generic') return jsonOfStruct(value)
    const { kind, apiVersion, shape } = definition
    return canonical(shape.key, value, { kind, apiVersion })
  }
  const call = async (definition: ResourceDefinition, name: MethodName, options: Plain, read: (answer: Plain) => Reply): Promise<Reply> => {
    const { path, request, response } = methodOf(definition, name)
    try {
      const answer = await callUnary(client, path, messages.encode(request, requestOf({ ...address(definition), ...options })))
      return read(messages.decode(response, answer))
    } catch (error) {
      if (!(error instanceof Error) || !('metadata' in error)) throw error
      return statusOfError(error as ServiceError)
    }
  }
  const object = (definition: ResourceDefinition) => (answer: Plain) => objectOf(definition, answer)
  const list = (definition: ResourceDefinition) => (answer: Plain) => ({
    kind: definition.listKind,
    apiVersion: definition.apiVersion,
    metadata: canonical('meta/v1.ListMeta', answer.metadata, {}),
    items: (answer.items ?? []).map((item: Plain) => objectOf(definition, item)),
  })
  return {
    name: form === 'typed' ? 'typed gRPC' : 'generic gRPC',
    serves: (definition) => form === 'generic' || serviceOf(definition) !== undefined,
    get: (definition, place) => call(definition, 'Get', place, object(definition)),
    list: (definition, options) => call(definition, 'List', options, list(definition)),
    create: (definition, value, options) => call(definition, 'Create', { ...options, object: sent(value) }, object(definition)),
    update(definition, value, { subresource, ...options }) {
      const isStatusWrite = form === 'typed' && subresource === 'status'
      const more = form === 'typed' ? {} : { subresource }
      return call(definition, isStatusWrite ? 'UpdateStatus' : 'Update', { ...options, ...more, object: sent(value) }, object(definition))
    },
    patch: (definition, change, options) => {
      const patch = typeof change === 'string' ? change : JSON.stringify(change)
      return call(definition, 'Patch', { ...options, patch }, object(definition))
    },
    apply: (definition, value, options) => call(definition, 'Apply', { ...options, object: sent(value) }, object(definition)),
    delete: (definition, options) =>
      call(definition, 'Delete', options, ({ status, object: left }) =>
        status ? canonical('meta/v1.Status', status, { kind: 'Status', apiVersion: 'v1' }) : objectOf(definition, left),
      ),
    deleteCollection: (definition, options) => call(definition, 'DeleteCollection', options, list(definition)),
    watch(definition, options, wanted) {
      const { path, request, response } = methodOf(definition, 'Watch')
      const bytes = messages.encode(request, requestOf({ ...address(definition), ...options }))
      const stream = client.makeServerStreamRequest(path, asBytes, asBytes, bytes)
      const events: WireEvent[] = []
      return new Promise((resolve, reject) => {
        stream.on('data', (message: Buffer) => {
          const { type, object: value, status } = messages.decode(response, message)
          const told = status ? canonical('meta/v1.Status', status, { kind: 'Status', apiVersion: 'v1' }) : objectOf(definition, value)
          events.push({ type: eventTypes[type], object: told })
          if (events.length >= wanted) {
            stream.cancel()
            resolve(events)
          }
        })
        stream.on('error', (error: ServiceError) => (error.code === 1 ? resolve(events) : reject(error)))
        stream.on('end', () => resolve(events))
      })
    },
  }
}

/** A client with a connection of its own. */
export function grpcClient(address: string): Client {
  const options = { 'grpc.max_receive_message_length': -1, 'grpc.primary_user_agent': 'wire/1', 'grpc.use_local_subchannel_pool': 1 }
  return new Client(address, credentials.createInsecure(), options)
}

export function definitionOf(key: string): ResourceDefinition {
  const definition = builtInResources.find((each) => each.key === key)
  if (!definition) throw new Error(`no resource ${key}`)
  return definition
}
