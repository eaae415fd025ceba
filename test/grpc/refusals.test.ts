// What is refused on one wire is refused on the others, in the same words.
import { type Client, status as codes, type Metadata, type ServiceError } from '@grpc/grpc-js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kubedouble, startKubedouble } from '../../src/index.js'
import { isStatus, type Plain } from '../../src/machinery/index.js'
import { callUnary, definitionOf, grpcClient, grpcWire, messages, restWire, statusOfError, type Wire } from './wire.js'

const services = definitionOf('v1/services')
const pods = definitionOf('v1/pods')
const nodes = definitionOf('v1/nodes')
const namespaces = definitionOf('v1/namespaces')
const configMaps = definitionOf('v1/configmaps')
const namespace = 'default'
const pod = { metadata: { name: 'web' }, spec: { containers: [{ name: 'c', image: 'nginx' }] } }

const conversations: [what: string, say: (wire: Wire) => Promise<Plain>][] = [
  ['an object that is not there', (wire) => wire.get(services, { namespace, name: 'nope' })],
  ['a kind that exists already', (wire) => wire.create(namespaces, { metadata: { name: 'default' } }, {})],
  ['many wrong fields', (wire) => wire.create(services, { metadata: { name: 'Web_1' }, spec: { type: 'Foo', ports: [{ port: 99999 }] } }, { namespace })],
  ['a pod without containers', (wire) => wire.create(pods, { metadata: { name: 'web' }, spec: {} }, { namespace })],
  ['a namespace that is not there', (wire) => wire.create(configMaps, { metadata: { name: 'a' } }, { namespace: 'nowhere' })],
  ['another namespace than the object names', (wire) => wire.create(configMaps, { metadata: { name: 'a', namespace: 'other' } }, { namespace })],
  ['no name at all', (wire) => wire.create(configMaps, { data: { a: 'b' } }, { namespace })],
  ['a stale revision', (wire) => wire.update(namespaces, { metadata: { name: 'default', resourceVersion: '1' } }, { name: 'default' })],
  ['another name than the object has', (wire) => wire.update(namespaces, { metadata: { name: 'other' } }, { name: 'default' })],
  ['another uid', (wire) => wire.delete(namespaces, { name: 'default', preconditions: { uid: 'x' } })],
  ['a namespace that may not go', (wire) => wire.delete(namespaces, { name: 'kube-system' })],
  ['a bad label selector', (wire) => wire.list(pods, { namespace, labelSelector: 'a in b' })],
  ['an unknown field selector', (wire) => wire.list(pods, { namespace, fieldSelector: 'spec.color=red' })],
  ['a resource version that is none', (wire) => wire.list(pods, { namespace, resourceVersion: 'x' })],
  ['a resource version of the future', (wire) => wire.get(services, { namespace, name: 'kubernetes', resourceVersion: '999999' })],
  ['a match without a version', (wire) => wire.list(pods, { namespace, resourceVersionMatch: 'Exact' })],
  ['a broken continue token', (wire) => wire.list(pods, { namespace, continue: '!' })],
  ['a strategic patch that is no JSON', (wire) => wire.patch(namespaces, '{', { name: 'default', type: 'strategic' })],
  ['a JSON patch that is no list', (wire) => wire.patch(namespaces, {}, { name: 'default', type: 'json' })],
  ['a JSON patch that fails its test', (wire) => wire.patch(namespaces, [{ op: 'test', path: '/kind', value: 'x' }], { name: 'default', type: 'json' })],
  ['a merge patch of an unknown field', (wire) => wire.patch(namespaces, { a: 1 }, { name: 'default', type: 'merge', fieldValidation: 'Strict' })],
  ['a field manager that is too long', (wire) => wire.create(configMaps, { metadata: { name: 'a' } }, { namespace, fieldManager: 'x'.repeat(129) })],
  ['an apply without a manager', (wire) => wire.apply(nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-0' } }, { name: 'node-0' })],
  [
    'an apply of what another owns',
    (wire) =>
      wire.apply(
        services,
        { apiVersion: 'v1', kind: 'Service', metadata: { name: 'kubernetes' }, spec: { type: 'NodePort' } },
        { namespace, name: 'kubernetes', fieldManager: 'me' },
      ),
  ],
]

describe('refusals', () => {
  let server: Kubedouble
  let client: Client
  let wires: Wire[]
  beforeAll(async () => {
    server = await startKubedouble({ controllers: [], nodes: 1 })
    client = grpcClient(server.grpc as string)
    wires = [restWire(server.http as string), grpcWire(client, 'typed'), grpcWire(client, 'generic')]
  })
  afterAll(async () => {
    client?.close()
    await server?.close()
  })

  it.each(conversations)('say the same of %s on every wire', async (_what, say) => {
    const [rest, typed, generic] = [await say(wires[0]), await say(wires[1]), await say(wires[2])]
    expect(rest).toMatchObject({ kind: 'Status', status: 'Failure' })
    expect(typed).toEqual(rest)
    expect(generic).toEqual(rest)
  })

  const get = (request: Plain) => messages.encode('kubedouble/v1.ObjectsGetRequest', request)
  const failure = (path: string, request: Buffer, metadata?: Metadata): Promise<ServiceError> =>
    callUnary(client, path, request, metadata).then(
      () => Promise.reject(new Error('there was an answer')),
      (error: ServiceError) => error,
    )

  it.each<[what: string, request: Plain, code: codes, message: string]>([
    ['a resource that is not served', { version: 'v1', resource: 'wheels', name: 'a' }, codes.NOT_FOUND, 'the server could not find the requested resource'],
    [
      'a version that is not served',
      { group: 'apps', version: 'v9', resource: 'deployments', name: 'a' },
      codes.NOT_FOUND,
      'the server could not find the requested resource',
    ],
    [
      'a subresource that is not there',
      { version: 'v1', resource: 'pods', namespace, name: 'a', subresource: 'scale' },
      codes.NOT_FOUND,
      'the server could not find the requested resource',
    ],
    [
      'streams into containers',
      { version: 'v1', resource: 'pods', namespace, name: 'a', subresource: 'exec' },
      codes.NOT_FOUND,
      'the server could not find the requested resource',
    ],
    [
      'a namespace of what has none',
      { version: 'v1', resource: 'nodes', namespace, name: 'a' },
      codes.NOT_FOUND,
      'the server could not find the requested resource',
    ],
    [
      'a method that the resource lacks',
      { version: 'v1', resource: 'bindings', namespace, name: 'a' },
      codes.UNIMPLEMENTED,
      'the server does not allow this method on the requested resource',
    ],
    ['no name', { version: 'v1', resource: 'nodes' }, codes.INVALID_ARGUMENT, 'resource name may not be empty'],
    [
      'no namespace',
      { version: 'v1', resource: 'pods', name: 'a' },
      codes.INVALID_ARGUMENT,
      'an empty namespace may not be set when a resource name is provided',
    ],
  ])('answer %s with a code and a Status', async (_what, request, code, message) => {
    const error = await failure('/kubedouble.v1.Objects/Get', get(request))
    expect(error).toMatchObject({ code, details: message })
    expect(statusOfError(error)).toMatchObject({ kind: 'Status', status: 'Failure', message })
  })

  it.each<[reason: string, code: codes, cause: () => Promise<ServiceError>]>([
    ['AlreadyExists', codes.ALREADY_EXISTS, () => failure('/kubedouble.v1.Namespaces/Create', create('Namespaces', { metadata: { name: 'default' } }))],
    [
      'Conflict',
      codes.ABORTED,
      () => failure('/kubedouble.v1.Namespaces/Update', update('Namespaces', { metadata: { name: 'default', resourceVersion: '1' } })),
    ],
    [
      'Forbidden',
      codes.PERMISSION_DENIED,
      () => failure('/kubedouble.v1.Namespaces/Delete', messages.encode('kubedouble/v1.NamespacesDeleteRequest', { name: 'kube-system' })),
    ],
    ['Invalid', codes.INVALID_ARGUMENT, () => failure('/kubedouble.v1.Namespaces/Create', create('Namespaces', { metadata: { name: 'A' } }))],
    [
      'Timeout',
      codes.UNAVAILABLE,
      () => failure('/kubedouble.v1.Nodes/Get', messages.encode('kubedouble/v1.NodesGetRequest', { name: 'node-0', resourceVersion: '99999' })),
    ],
  ])('%s has a code of its own', async (reason, code, cause) => {
    const error = await cause()
    expect(error.code).toBe(code)
    expect(statusOfError(error).reason).toBe(reason)
  })

  const create = (service: string, object: Plain) => messages.encode(`kubedouble/v1.${service}CreateRequest`, { object })
  const update = (service: string, object: Plain) => messages.encode(`kubedouble/v1.${service}UpdateRequest`, { object })

  it('says when to try again', async () => {
    const error = await failure('/kubedouble.v1.Nodes/Get', messages.encode('kubedouble/v1.NodesGetRequest', { name: 'node-0', resourceVersion: '99999' }))
    const { details } = messages.decode('google/rpc.Status', (error.metadata.get('grpc-status-details-bin') as Buffer[])[0])
    const retry = details.find(({ typeUrl }: Plain) => typeUrl.endsWith('/google.rpc.RetryInfo'))
    expect(messages.decode('google/rpc.RetryInfo', Buffer.from(retry.value, 'base64'))).toMatchObject({ retryDelay: { seconds: 1 } })
  })

  it('tells what fits into trailers of thousands of causes', async () => {
    const ports = Array.from({ length: 2000 }, (_, index) => ({ name: `p${index}`, port: 0 }))
    const error = await failure(
      '/kubedouble.v1.Services/Create',
      messages.encode('kubedouble/v1.ServicesCreateRequest', { namespace, object: { metadata: { name: 'a' }, spec: { ports } } }),
    )
    expect(error.code).toBe(codes.INVALID_ARGUMENT)
    expect((error.metadata.get('grpc-status-details-bin')[0] as Buffer).length).toBeLessThanOrEqual(4096)
    expect(statusOfError(error).details?.causes?.length).toBeGreaterThan(5)
  })

  it('tells of a name without end in part', async () => {
    const bytes = messages.encode('kubedouble/v1.NodesGetRequest', { name: 'x'.repeat(100_000) })
    const error = await failure('/kubedouble.v1.Nodes/Get', bytes)
    expect([error.code, (error.metadata.get('grpc-status-details-bin')[0] as Buffer).length <= 4096]).toEqual([codes.NOT_FOUND, true])
    expect(statusOfError(error).details?.name).toMatch(/^x{256}…$/)
  })

  it.each<[what: string, bytes: Buffer]>([
    ['cut off', get({ version: 'v1' }).subarray(0, 3)],
    ['of another shape', Buffer.from([0x0a, 0x85, 0xff])],
    ['a length beyond its end', Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x07])],
  ])('answers a message that is %s', async (_what, bytes) => {
    expect(await failure('/kubedouble.v1.Objects/Get', bytes)).toMatchObject({
      code: codes.INVALID_ARGUMENT,
      details: expect.stringContaining('the message is not a ObjectsGetRequest'),
    })
  })

  it('refuses numbers that JSON does not have', async () => {
    const bytes = messages.encode('kubedouble/v1.ObjectsCreateRequest', {
      version: 'v1',
      resource: 'nodes',
      object: { fields: { spec: { numberValue: Number.NaN } } },
    })
    expect(await failure('/kubedouble.v1.Objects/Create', bytes)).toMatchObject({ code: codes.INVALID_ARGUMENT, details: 'NaN is no JSON number' })
  })

  it('limits messages as bodies are limited', async () => {
    const object = { metadata: { name: 'a' }, data: { a: 'x'.repeat(3 * 1024 * 1024) } }
    expect(await failure('/kubedouble.v1.ConfigMaps/Create', messages.encode('kubedouble/v1.ConfigMapsCreateRequest', { namespace, object }))).toMatchObject({
      code: codes.RESOURCE_EXHAUSTED,
    })
  })

  it('refuses methods and services that do not exist', async () => {
    expect(await failure('/kubedouble.v1.Pods/Exec', Buffer.alloc(0))).toMatchObject({ code: codes.UNIMPLEMENTED })
    expect(await failure('/kubedouble.v1.Wheels/Get', Buffer.alloc(0))).toMatchObject({ code: codes.UNIMPLEMENTED })
    expect(await failure('/kubedouble.v1.ConfigMaps/UpdateStatus', Buffer.alloc(0))).toMatchObject({ code: codes.UNIMPLEMENTED })
  })

  it('warns in trailers', async () => {
    const warnings = await new Promise<unknown[]>((resolve, reject) => {
      const asBytes = (bytes: Buffer) => bytes
      const request = messages.encode('kubedouble/v1.EndpointsListRequest', {})
      const call = client.makeUnaryRequest('/kubedouble.v1.Endpoints/List', asBytes, asBytes, request, (error) => error && reject(error))
      call.on('status', ({ metadata }) => resolve(metadata.get('warning')))
    })
    expect(warnings).toEqual(['v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice'])
  })

  it('serves the subresources of a kind', async () => {
    const bind = { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'web' }, target: { kind: 'Node', name: 'node-0' } }
    const [rest, , generic] = wires
    await rest.create(definitionOf('v1/serviceaccounts'), { metadata: { name: 'default' } }, { namespace })
    expect(isStatus(await rest.create(pods, pod, { namespace }))).toBe(false)
    expect(await generic.create(pods, bind, { namespace, name: 'web', subresource: 'binding' })).toMatchObject({ kind: 'Status', status: 'Success' })
    expect(await generic.get(pods, { namespace, name: 'web' })).toMatchObject({ spec: { nodeName: 'node-0' } })
    const deployments = definitionOf('apps/v1/deployments')
    const template = { metadata: { labels: { a: 'b' } }, spec: pod.spec }
    const kind = { apiVersion: 'apps/v1', kind: 'Deployment' }
    await rest.create(deployments, { ...kind, metadata: { name: 'web' }, spec: { selector: { matchLabels: { a: 'b' } }, template } }, { namespace })
    const scale = await generic.get(deployments, { namespace, name: 'web', subresource: 'scale' })
    expect(scale).toMatchObject({ kind: 'Scale', spec: { replicas: 1 } })
    const scaled = await generic.update(deployments, { ...scale, spec: { replicas: 3 } }, { namespace, name: 'web', subresource: 'scale' })
    expect(scaled).toMatchObject({ kind: 'Scale', spec: { replicas: 3 } })
    expect(await rest.get(deployments, { namespace, name: 'web' })).toMatchObject({ spec: { replicas: 3 } })
  })
})
