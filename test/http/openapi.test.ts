import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kubedouble, startKubedouble } from '../../src/index.js'
import type { Plain, ResourceDefinition } from '../../src/machinery/index.js'
import { openAPIDocuments } from '../../src/openapi.js'
import { Catalogue } from '../../src/registry/index.js'
import { builtInResources, configMap, schema } from '../../src/resources/index.js'
import { hasTools, kubectlFor, type Minor } from '../support/tools.js'

let server: Kubedouble
let urls: Record<string, string>
const documents = new Map<string, Plain>()

beforeAll(async () => {
  server = await startKubedouble({ nodes: 0 })
  const { paths } = JSON.parse(await (await ask('/openapi/v3')).text()) as Plain
  urls = Object.fromEntries(Object.entries<Plain>(paths).map(([key, { serverRelativeURL }]) => [key, serverRelativeURL]))
  for (const [key, url] of Object.entries(urls)) documents.set(key, (await (await ask(url)).json()) as Plain)
})
afterAll(() => server.close())

const ask = (path: string, headers: Record<string, string> = {}) => fetch(server.http + path, { headers, redirect: 'manual' })
const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch']
const operationsOf = ({ paths }: Plain): [string, string, Plain][] =>
  Object.entries<Plain>(paths).flatMap(([path, item]) =>
    methods.filter((method) => item[method]).map((method): [string, string, Plain] => [path, method, item[method]]),
  )

/** Every reference in a document, whatever it stands in. */
function references(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(references)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => (key === '$ref' && typeof inner === 'string' ? [inner] : references(inner)))
}

/** A copy without descriptions, which are words and no contract. */
function withoutWords(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutWords)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([key, inner]) => key !== 'description' || typeof inner !== 'string')
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutWords(inner)]))
}

describe('the index of OpenAPI v3', () => {
  it('names a document for each group and version, and for what lists them', () => {
    const keys = Object.keys(urls)
    expect(keys).toEqual([...keys].sort())
    const groupVersions = new Set(builtInResources.map(({ apiVersion }) => apiVersion))
    const groups = new Set(builtInResources.map(({ group }) => group).filter(Boolean))
    const expected = [...groupVersions].map((each) => (each.includes('/') ? `apis/${each}` : `api/${each}`))
    expect(new Set(keys)).toEqual(
      new Set([...expected, ...[...groups].map((group) => `apis/${group}`), 'api', 'apis', 'version', 'openid/v1/jwks', '.well-known/openid-configuration']),
    )
    expect(keys).toHaveLength(47)
  })

  it('is plain text to those who believe headers, as upstream has it', async () => {
    const answer = await ask('/openapi/v3')
    expect([answer.headers.get('content-type'), answer.headers.get('cache-control')]).toEqual(['text/plain; charset=utf-8', 'no-cache, private'])
  })

  it('carries the hash of each document', async () => {
    for (const key of ['api/v1', 'apis/apps', 'version']) {
      const bytes = Buffer.from(await (await ask(`/openapi/v3/${key}`)).arrayBuffer())
      expect(urls[key]).toBe(`/openapi/v3/${key}?hash=${createHash('sha512').update(bytes).digest('hex').toUpperCase()}`)
    }
  })
})

describe('the documents of OpenAPI v3', () => {
  it('hold every operation and schema of the API', () => {
    const all = [...documents.values()]
    expect(all.flatMap(operationsOf)).toHaveLength(796)
    const names = all.flatMap(({ components }) => Object.keys(components.schemas ?? {}))
    expect([names.length, new Set(names).size]).toEqual([1237, 570])
    const ids = all.flatMap(operationsOf).map(([, , { operationId }]) => operationId)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('refer to all schemas they have, and to no others', () => {
    for (const [key, document] of documents) {
      const names = references(document).map((reference) => reference.replace('#/components/schemas/', ''))
      expect([key, [...new Set(names)].sort()]).toEqual([key, Object.keys(document.components.schemas ?? {}).sort()])
    }
  })

  it('say of a field what its type and its list are', () => {
    const { schemas } = documents.get('api/v1')?.components ?? {}
    const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` })
    expect(withoutWords(schemas['io.k8s.api.core.v1.ServiceSpec'].properties.ports)).toEqual({
      type: 'array',
      items: { default: {}, allOf: [reference('io.k8s.api.core.v1.ServicePort')] },
      'x-kubernetes-list-map-keys': ['port', 'protocol'],
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-patch-merge-key': 'port',
      'x-kubernetes-patch-strategy': 'merge',
    })
    expect(withoutWords(schemas['io.k8s.api.core.v1.ServicePort'])).toEqual({
      type: 'object',
      required: ['port'],
      properties: {
        appProtocol: { type: 'string' },
        name: { type: 'string' },
        nodePort: { type: 'integer', format: 'int32' },
        port: { type: 'integer', format: 'int32', default: 0 },
        protocol: { type: 'string', default: 'TCP', enum: ['SCTP', 'TCP', 'UDP'] },
        targetPort: { allOf: [reference('io.k8s.apimachinery.pkg.util.intstr.IntOrString')] },
      },
    })
    expect(schemas['io.k8s.apimachinery.pkg.api.resource.Quantity']).toEqual({ oneOf: [{ type: 'string' }, { type: 'number' }] })
    expect(schemas['io.k8s.api.core.v1.Service']['x-kubernetes-group-version-kind']).toEqual([{ group: '', kind: 'Service', version: 'v1' }])
  })

  it('say of an operation what goes in and what comes out', () => {
    const { patch, parameters } = documents.get('apis/apps/v1')?.paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale'] ?? {}
    const scale = { schema: { $ref: '#/components/schemas/io.k8s.api.autoscaling.v1.Scale' } }
    const content = { 'application/json': scale, 'application/vnd.kubernetes.protobuf': scale, 'application/yaml': scale }
    const query = (name: string, type = 'string') => ({ name, in: 'query', schema: { type, uniqueItems: true } })
    expect(withoutWords({ ...patch, requestBody: Object.keys(patch.requestBody.content) })).toEqual({
      tags: ['apps_v1'],
      operationId: 'patchAppsV1NamespacedDeploymentScale',
      requestBody: ['application/apply-patch+yaml', 'application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json'],
      responses: { 200: { content }, 201: { content }, 401: {} },
      'x-kubernetes-action': 'patch',
      'x-kubernetes-group-version-kind': { group: 'autoscaling', kind: 'Scale', version: 'v1' },
      parameters: [query('dryRun'), query('fieldManager'), query('fieldValidation'), query('force', 'boolean')],
    })
    expect(parameters.map(({ name, in: place }: Plain) => `${place} ${name}`)).toEqual(['path name', 'path namespace', 'query pretty'])
  })

  it('follow what is served: a new kind makes a new document and leaves the others as they are', async () => {
    const widgetShape = {
      ...configMap.shape,
      key: 'example.com/v1.Widget',
      name: 'Widget',
      package: { ...configMap.shape.package, group: 'example.com', openapi: 'com.example.v1' },
    }
    const widget = {
      ...configMap,
      group: 'example.com',
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      listKind: 'WidgetList',
      plural: 'widgets',
      shape: widgetShape,
    } as ResourceDefinition
    let catalogue = new Catalogue(builtInResources)
    const source = openAPIDocuments({ catalogue: { definitions: () => catalogue.definitions() } as Catalogue, schema, now: () => 0 })
    const before = await source.hashes()
    const apps = await source.document('apis/apps/v1')
    catalogue = new Catalogue([...builtInResources, widget])
    const after = await source.hashes()
    expect([...after.keys()].filter((key) => !before.has(key))).toEqual(['apis/example.com', 'apis/example.com/v1'])
    expect(await source.document('apis/apps/v1')).toBe(apps)
    const document = JSON.parse((await (await source.document('apis/example.com/v1'))?.bytes('json', false))?.toString() ?? '') as Plain
    const listed = document.paths['/apis/example.com/v1/widgets'].get.responses[200].content['application/json'].schema
    expect(listed).toEqual({ $ref: '#/components/schemas/com.example.v1.WidgetList' })
    expect(document.components.schemas['com.example.v1.WidgetList'].required).toEqual(['items'])
    catalogue = new Catalogue(builtInResources)
    expect([...(await source.hashes())]).toEqual([...before])
    expect(await source.document('apis/example.com/v1')).toBeUndefined()
  })
})

describe('OpenAPI over HTTP', () => {
  it('may be kept for ever under the right hash', async () => {
    const answer = await ask(urls['apis/batch/v1'])
    expect([answer.status, answer.headers.get('cache-control'), answer.headers.get('vary')]).toEqual([200, 'public, immutable', 'Accept, Accept-Encoding'])
    expect(Date.parse(answer.headers.get('expires') ?? '') - Date.now()).toBeGreaterThan(364 * 24 * 3600 * 1000)
  })

  it('sends those with an old hash to the new one', async () => {
    const answer = await ask('/openapi/v3/apis/batch/v1?hash=0123')
    expect([answer.status, answer.headers.get('location'), await answer.text()]).toEqual([301, urls['apis/batch/v1'], ''])
  })

  it.each(['nope', 'apis/nope/v1', 'api/v1/', ''])('has no document %j', async (key) => {
    const answer = await ask(`/openapi/v3/${key}`)
    expect([answer.status, await answer.text()]).toEqual([404, ''])
  })

  it.each(['/openapi/v3/version', '/openapi/v2'])('does not send %s again to those who have it', async (path) => {
    const first = await ask(path)
    const [etag, modified] = [first.headers.get('etag') ?? '', first.headers.get('last-modified') ?? '']
    expect(etag).toMatch(/^"[0-9A-F]{128}"$/)
    const codes = async (headers: Record<string, string>) => (await ask(path, headers)).status
    expect(await codes({ 'if-none-match': etag })).toBe(304)
    expect(await codes({ 'if-none-match': `"0", W/${etag}` })).toBe(304)
    expect(await codes({ 'if-none-match': '*' })).toBe(304)
    expect(await codes({ 'if-none-match': '"0"', 'if-modified-since': modified })).toBe(200)
    expect(await codes({ 'if-modified-since': modified })).toBe(304)
    expect(await codes({ 'if-modified-since': 'some day' })).toBe(200)
  })

  const protobuf = (version: string, mark = '.') => `application/com.github.proto-openapi.spec.${version}${mark}v1.0+protobuf`
  it.each([
    ['/openapi/v2', 'application/json', 'application/json'],
    ['/openapi/v2', '*/*', 'application/json'],
    ['/openapi/v2', protobuf('v2', '@'), protobuf('v2')],
    ['/openapi/v2', `application/json;q=0.5, ${protobuf('v2')}`, protobuf('v2')],
    ['/openapi/v3/version', 'application/json, */*', 'application/json'],
    ['/openapi/v3/version', protobuf('v3', '@'), protobuf('v3')],
    ['/openapi/v3/version', 'text/html, application/*', 'application/json'],
    ['/openapi/v3/version', protobuf('v2'), null],
    ['/openapi/v2', 'text/html', null],
  ])('%s for %s is %s', async (path, accept, contentType) => {
    const answer = await ask(path, { accept })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([contentType ? 200 : 406, contentType])
    await answer.arrayBuffer()
  })

  it('is compressed for those who can read it', async () => {
    const { request } = await import('node:http')
    const [headers, bytes] = await new Promise<[Record<string, unknown>, Buffer]>((resolve, reject) => {
      const sent = request(`${server.http}/openapi/v2`, { headers: { 'accept-encoding': 'gzip' } }, (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('end', () => resolve([answer.headers, Buffer.concat(chunks)]))
      })
      sent.on('error', reject).end()
    })
    expect([headers['content-encoding'], headers.vary]).toEqual(['gzip', 'Accept, Accept-Encoding'])
    expect(bytes.length).toBeLessThan(200_000)
    expect(JSON.parse(gunzipSync(bytes).toString()).swagger).toBe('2.0')
  })
})

describe('OpenAPI v2', () => {
  it('is the same API in older words', async () => {
    const swagger = (await (await ask('/openapi/v2')).json()) as Plain
    expect(Object.keys(swagger.definitions)).toHaveLength(570)
    const older = operationsOf(swagger).map(([path, method, { operationId }]) => `${method} ${path} ${operationId}`)
    const newer = [...documents].filter(([key]) => key !== '.well-known/openid-configuration').flatMap(([, document]) => operationsOf(document))
    expect(older.sort()).toEqual(newer.map(([path, method, { operationId }]) => `${method} ${path} ${operationId}`).sort())
    const known = (reference: string) =>
      reference
        .slice(2)
        .split('/')
        .reduce((value, key) => value?.[key], swagger) !== undefined
    expect(references(swagger).filter((reference) => !known(reference))).toEqual([])
  })

  it('knows no defaults, and no alternatives', async () => {
    const { definitions } = (await (await ask('/openapi/v2')).json()) as Plain
    expect(withoutWords(definitions['io.k8s.api.core.v1.ServicePort'].properties)).toMatchObject({
      port: { type: 'integer', format: 'int32' },
      protocol: { type: 'string', enum: ['SCTP', 'TCP', 'UDP'] },
      targetPort: { $ref: '#/definitions/io.k8s.apimachinery.pkg.util.intstr.IntOrString' },
    })
    expect(definitions['io.k8s.api.core.v1.ServicePort'].properties.port).not.toHaveProperty('default')
    expect(definitions['io.k8s.apimachinery.pkg.api.resource.Quantity']).toEqual({ type: 'string' })
    expect(definitions['io.k8s.apimachinery.pkg.util.intstr.IntOrString']).toEqual({ type: 'string', format: 'int-or-string' })
  })
})

describe.runIf(hasTools)('kubectl explain', () => {
  it.each<Minor>(['1.35', '1.32'])('%s prints fields, their types and words about them', async (minor) => {
    const kubectl = kubectlFor(server.kubeconfig, minor)
    const service = await kubectl('explain', 'service.spec.ports')
    expect(service.stdout).toContain('FIELD: ports <[]ServicePort>')
    expect(service.stdout).toMatch(/port\t<integer> -required-\n +The port that clients use\./)
    expect(service.stdout).toMatch(/protocol\t<string>\n +enum: SCTP, TCP, UDP/)
    expect((await kubectl('explain', 'deployments', '--recursive')).stdout).toMatch(/ {10}containerPort\t<integer> -required-/)
    expect((await kubectl('explain', 'hpa', '--api-version', 'autoscaling/v1')).stdout).toContain('VERSION:    v1\n')
    expect((await kubectl('explain', 'service.spec.nope')).stderr).toBe('error: field "nope" does not exist\n')
  })

  it('reads the protobuf of version 2 as well', async () => {
    const { stdout } = await kubectlFor(server.kubeconfig)('explain', 'pods.spec.containers', '--output=plaintext-openapiv2')
    expect(stdout).toMatch(/livenessProbe\t<Object>\n +When this fails, the container is started anew\./)
  })
})
