// What travels: objects are byte for byte the messages of REST, and another decoder reads them by the .proto files.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Client, credentials, loadPackageDefinition, type ServiceError } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { jsonOfStruct, structOf } from '../../src/grpc/struct.js'
import { type Kubedouble, startKubedouble } from '../../src/index.js'
import { isStatus, type Plain, type ResourceDefinition } from '../../src/machinery/index.js'
import { builtInResources } from '../../src/resources/index.js'
import { readSamples } from '../support/samples.js'
import { callUnary, definitionOf, grpcClient, messages, restWire, serviceOf } from './wire.js'

const folder = join(import.meta.dirname, '..', '..', 'proto')
const namespace = 'samples'
const protobuf = 'application/vnd.kubernetes.protobuf'
// biome-ignore lint/suspicious/noExplicitAny: clients are made from the .proto files at run time
type Dynamic = any

describe('objects', () => {
  let server: Kubedouble
  let client: Client
  let dynamic: Dynamic
  beforeAll(async () => {
    server = await startKubedouble({ controllers: [], nodes: 1 })
    client = grpcClient(server.grpc as string)
    const rest = restWire(server.http as string)
    await rest.create(definitionOf('v1/namespaces'), { metadata: { name: namespace } }, {})
    await rest.create(definitionOf('v1/serviceaccounts'), { metadata: { name: 'default' } }, { namespace })
    for (const { resource, send } of readSamples()) {
      const definition = definitionOf(resource)
      if (serviceOf(definition)) await rest.create(definition, send, { namespace })
    }
    const files = (readdirSync(folder, { recursive: true }) as string[]).filter((file) => file.endsWith('.proto'))
    dynamic = loadPackageDefinition(loadSync(files, { includeDirs: [folder], keepCase: true, longs: Number, enums: String })).kubedouble
  })
  afterAll(async () => {
    client?.close()
    await server?.close()
  })

  const typed = builtInResources.flatMap((definition) => {
    const service = serviceOf(definition)
    return service ? [[definition.key, definition, service.name] as const] : []
  })

  it.each(typed)('of %s are the bytes that REST sends in protobuf', async (_key, definition, service) => {
    const { items, url } = await listed(definition)
    expect(items.length).toBeGreaterThan(0)
    for (const { metadata } of items) {
      const place = { namespace: metadata.namespace ?? '', name: metadata.name }
      const bytes = await callUnary(client, `/${service}/Get`, messages.encode(`${service.replace('kubedouble.v1.', 'kubedouble/v1.')}GetRequest`, place))
      const path = definition.namespaced ? url.replace(`/${definition.plural}`, `/namespaces/${metadata.namespace}/${definition.plural}`) : url
      expect(bytes).toEqual(await enveloped(`${path}/${metadata.name}`))
    }
    const list = await callUnary(client, `/${service}/List`, Buffer.alloc(0))
    expect(list).toEqual(await enveloped(url))
  })

  async function listed({ group, version, plural }: ResourceDefinition): Promise<{ items: Plain[]; url: string }> {
    const url = `${server.http}${group ? `/apis/${group}/${version}` : `/api/${version}`}/${plural}`
    return { items: ((await (await fetch(url)).json()) as Plain).items, url }
  }

  /** The object's own message out of the envelope of REST. */
  async function enveloped(url: string): Promise<Buffer> {
    const bytes = Buffer.from(await (await fetch(url, { headers: { accept: protobuf } })).arrayBuffer())
    const [typeMeta, raw] = [bytes.subarray(4), 0]
    // Field 1, typeMeta, is short: one byte of tag, one of length; field 2 follows.
    let at = raw + 2 + typeMeta[1] + 1
    let length = 0
    for (let shift = 0; ; shift += 7) {
      const byte = typeMeta[at++]
      length += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) break
    }
    return Buffer.from(typeMeta.subarray(at, at + length))
  }

  it('are read and written by a client that knows only the .proto files', async () => {
    const services = new dynamic.v1.Services(server.grpc, credentials.createInsecure())
    const call = (method: string, request: Plain): Promise<Plain> =>
      new Promise((resolve, reject) => services[method](request, (error: ServiceError | null, answer: Plain) => (error ? reject(error) : resolve(answer))))
    const object = {
      metadata: { name: 'dynamic', labels: { a: 'b' } },
      spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: { type: 1, strVal: 'web' } }] },
    }
    const created = await call('Create', { namespace, object, field_manager: 'dynamic' })
    expect(created).toMatchObject({
      metadata: { name: 'dynamic', namespace, labels: { a: 'b' } },
      spec: { type: 'ClusterIP', ports: [{ port: 80, targetPort: { type: 1, strVal: 'web' } }] },
    })
    expect(Math.abs(created.metadata.creationTimestamp.seconds * 1000 - Date.now())).toBeLessThan(60_000)
    // What was read can be written back: nothing is lost on the way, so nothing changes.
    const updated = await call('Update', { object: created })
    expect(updated.metadata.resourceVersion).toBe(created.metadata.resourceVersion)
    const patched = await call('Patch', { namespace, name: 'dynamic', patch: '{"spec":{"type":"NodePort"}}', type: 'PATCH_TYPE_MERGE' })
    expect(patched.spec.ports[0].nodePort).toBeGreaterThan(0)
    const applied = await call('Apply', {
      namespace,
      field_manager: 'applier',
      object: { metadata: { name: 'dynamic' }, spec: { sessionAffinity: 'ClientIP' } },
      force: true,
    })
    expect(applied.spec).toMatchObject({ sessionAffinity: 'ClientIP', type: 'NodePort' })
    await expect(call('Delete', { namespace, name: 'dynamic', preconditions: { uid: 'x' } })).rejects.toMatchObject({ code: 10 })
    expect((await call('Delete', { namespace, name: 'dynamic' })).object.metadata.name).toBe('dynamic')
    services.close()
  })

  it('keep quantities, times and bytes as Kubernetes has them', async () => {
    const pods = new dynamic.v1.Pods(server.grpc, credentials.createInsecure())
    const container = { name: 'c', image: 'nginx', resources: { requests: { cpu: { string: '0.5' }, memory: { string: '64Mi' } } } }
    const request = { namespace, object: { metadata: { name: 'amounts' }, spec: { containers: [container] } } }
    const pod = await new Promise<Plain>((resolve, reject) =>
      pods.Create(request, (error: ServiceError | null, answer: Plain) => (error ? reject(error) : resolve(answer))),
    )
    expect(pod.spec.containers[0].resources.requests).toEqual({ cpu: { string: '500m' }, memory: { string: '64Mi' } })
    expect(pod.spec.terminationGracePeriodSeconds).toBe(30)
    pods.close()
    const rest = restWire(server.http as string)
    expect(isStatus(await rest.get(definitionOf('v1/pods'), { namespace, name: 'amounts' }))).toBe(false)
  })
})

describe('a Struct', () => {
  it.each<Plain>([
    {},
    { a: null, b: true, c: false, d: 0, e: -1.5, f: '', g: 'text', h: [], i: {}, j: [1, [2, [null]], { k: 'l' }] },
    { deep: { er: { and: [{ er: 'still' }] } } },
    JSON.parse('{"__proto__":{"a":1},"constructor":"x"}'),
  ])('holds %j and gives it back', (object) => {
    const bytes = messages.encode('google/protobuf.Struct', structOf(object))
    expect(JSON.stringify(jsonOfStruct(messages.decode('google/protobuf.Struct', bytes)))).toBe(JSON.stringify(sorted(object)))
  })

  it('is refused when it nests beyond reason', () => {
    const depth = 10_000
    let bytes = Buffer.alloc(0)
    const block = (tag: number, inner: Buffer) => {
      const length: number[] = []
      for (let rest = inner.length; ; rest >>>= 7) {
        length.push(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest)
        if (rest <= 0x7f) break
      }
      return Buffer.concat([Buffer.from([tag, ...length]), inner])
    }
    for (let index = 0; index < depth; index++) bytes = block(0x32, block(0x0a, bytes))
    const struct = block(0x0a, Buffer.concat([Buffer.from([0x0a, 1, 0x61]), block(0x12, bytes)]))
    expect(() => messages.decode('google/protobuf.Struct', struct)).toThrow('exceeded max depth')
  })
})

/** Keys of a Struct have no order: they are written in that of the alphabet. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]))
}
