import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kubedouble, startKubedouble } from '../../src/index.js'
import { decodeObject, type Plain } from '../../src/machinery/index.js'
import { schema } from '../../src/resources/index.js'
import { hasTools, kubectlFor, type Minor } from '../support/tools.js'

let server: Kubedouble
beforeAll(async () => {
  server = await startKubedouble({ nodes: 0 })
})
afterAll(() => server.close())

const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') => fetch(server.http + path, { headers, method })
const read = async (path: string, headers?: Record<string, string>): Promise<Plain> => (await (await ask(path, headers)).json()) as Plain

it.each([
  ['HEAD', '/version', 405],
  ['POST', '/version', 405],
  ['HEAD', '/api', 405],
  ['HEAD', '/api/v1', 405],
  ['HEAD', '/apis/apps/v1', 405],
  ['OPTIONS', '/apis/apps/v1', 405],
  ['HEAD', '/apis', 200],
  ['OPTIONS', '/apis', 200],
  ['HEAD', '/apis/apps', 200],
  ['HEAD', '/healthz', 200],
  ['POST', '/readyz', 200],
  ['OPTIONS', '/livez/ping', 200],
  ['HEAD', '/openapi/v3', 200],
])('a path that is no resource looks at the method where the API server does: %s %s', async (method, path, code) => {
  const { status, headers } = await ask(path, {}, method)
  expect([status, status === 405 && headers.get('content-type')]).toEqual([code, status === 405 && 'application/json'])
})

const aggregatedType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
const oldAggregatedType = aggregatedType.replace('v=v2', 'v=v2beta1')

describe('discovery, list by list', () => {
  it('says where the core group is reached, without an apiVersion', async () => {
    expect(await read('/api')).toEqual({
      kind: 'APIVersions',
      versions: ['v1'],
      serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: server.http?.slice('http://'.length) }],
    })
    expect(Object.keys(await read('/api/v1'))).toEqual(['kind', 'groupVersion', 'resources'])
  })

  it('lists groups by their priority', async () => {
    const { groups, ...head } = await read('/apis')
    expect(head).toEqual({ kind: 'APIGroupList', apiVersion: 'v1' })
    expect(groups.map(({ name }: Plain) => name)).toEqual([
      'apiregistration.k8s.io',
      'apps',
      'events.k8s.io',
      'authentication.k8s.io',
      'authorization.k8s.io',
      'autoscaling',
      'batch',
      'certificates.k8s.io',
      'networking.k8s.io',
      'policy',
      'rbac.authorization.k8s.io',
      'storage.k8s.io',
      'admissionregistration.k8s.io',
      'apiextensions.k8s.io',
      'scheduling.k8s.io',
      'coordination.k8s.io',
      'node.k8s.io',
      'discovery.k8s.io',
      'resource.k8s.io',
      'flowcontrol.apiserver.k8s.io',
    ])
  })

  it('prefers the newer of two versions', async () => {
    const [v1, v2] = ['v1', 'v2'].map((version) => ({ groupVersion: `autoscaling/${version}`, version }))
    expect(await read('/apis/autoscaling')).toEqual({ kind: 'APIGroup', apiVersion: 'v1', name: 'autoscaling', versions: [v2, v1], preferredVersion: v2 })
  })

  it('lists a resource with its subresources after it, in the order of the API', async () => {
    const { resources, ...head } = await read('/apis/apps/v1')
    expect(head).toEqual({ kind: 'APIResourceList', apiVersion: 'v1', groupVersion: 'apps/v1' })
    const [deployments, scale, status] = resources.slice(resources.findIndex(({ name }: Plain) => name === 'deployments'))
    expect(JSON.stringify(deployments)).toBe(
      '{"name":"deployments","singularName":"deployment","namespaced":true,"kind":"Deployment","verbs":["create","delete","deletecollection","get","list","patch","update","watch"],' +
        '"shortNames":["deploy"],"categories":["all"],"storageVersionHash":"8aSe+NMegvE="}',
    )
    expect(JSON.stringify(scale)).toBe(
      '{"name":"deployments/scale","singularName":"","namespaced":true,"group":"autoscaling","version":"v1","kind":"Scale","verbs":["get","patch","update"]}',
    )
    expect(status).toEqual({ name: 'deployments/status', singularName: '', namespaced: true, kind: 'Deployment', verbs: ['get', 'patch', 'update'] })
  })

  it.each([
    ['/api/v1', 'services', '/v1/Service'],
    ['/apis/discovery.k8s.io/v1', 'endpointslices', 'discovery.k8s.io/v1/EndpointSlice'],
    ['/apis/events.k8s.io/v1', 'events', '/v1/Event'],
    ['/apis/autoscaling/v1', 'horizontalpodautoscalers', 'autoscaling/v2/HorizontalPodAutoscaler'],
  ])('hashes what is stored, not what is served: %s %s', async (path, name, stored) => {
    const found = (await read(path)).resources.find((each: Plain) => each.name === name)
    expect(found.storageVersionHash).toBe(createHash('sha256').update(stored).digest().subarray(0, 8).toString('base64'))
  })

  it('has only names for what is not stored', async () => {
    const reviews = (await read('/apis/authorization.k8s.io/v1')).resources
    expect(reviews.map(({ storageVersionHash, verbs }: Plain) => [storageVersionHash, verbs])).toEqual(Array(4).fill([undefined, ['create']]))
  })

  it.each(['/api/', '/api/v1/', '/apis/', '/apis/apps/', '/apis/apps/v1/'])('answers %s as without the slash', async (path) => {
    expect(await read(path)).toEqual(await read(path.slice(0, -1)))
  })

  it.each(['/api/v2', '/apis/nope', '/apis/apps/v9', '/apis/nope/v1', '/openapi', '/nope'])('knows no %s', async (path) => {
    const answer = await ask(path)
    expect([answer.status, await answer.text(), answer.headers.get('x-content-type-options')]).toEqual([404, '404 page not found\n', 'nosniff'])
  })

  it.each(['POST', 'PUT', 'DELETE'])('can only be read: %s', async (method) => {
    const answer = await ask('/apis/apps/v1', {}, method)
    expect([answer.status, ((await answer.json()) as Plain).reason]).toEqual([405, 'MethodNotAllowed'])
  })
})

describe('discovery in one answer', () => {
  it('is for those who ask for it', async () => {
    const answer = await ask('/apis', { accept: `${aggregatedType},application/json` })
    expect(Object.fromEntries(['content-type', 'vary', 'cache-control'].map((name) => [name, answer.headers.get(name)]))).toEqual({
      'content-type': aggregatedType,
      vary: 'Accept',
      'cache-control': 'public',
    })
    const { items, ...head } = (await answer.json()) as Plain
    expect(head).toEqual({ kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {} })
    const [slices] = items.find(({ metadata }: Plain) => metadata.name === 'discovery.k8s.io').versions
    expect(slices).toEqual({
      version: 'v1',
      resources: [
        {
          resource: 'endpointslices',
          responseKind: { group: '', version: '', kind: 'EndpointSlice' },
          scope: 'Namespaced',
          singularResource: 'endpointslice',
          verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
        },
      ],
      freshness: 'Current',
    })
  })

  it('gives the core group no name', async () => {
    const { items } = await read('/api', { accept: aggregatedType })
    expect(items.map(({ metadata, versions }: Plain) => [metadata, versions.map(({ version }: Plain) => version)])).toEqual([[{}, ['v1']]])
  })

  it('says the same as all the lists', async () => {
    const items = [...(await read('/api', { accept: aggregatedType })).items, ...(await read('/apis', { accept: aggregatedType })).items]
    for (const { metadata, versions } of items) {
      for (const { version, resources } of versions) {
        const listed = (await read(metadata.name ? `/apis/${metadata.name}/${version}` : `/api/${version}`)).resources
        const told = resources.flatMap(({ resource, verbs, shortNames, subresources = [] }: Plain) => [
          { name: resource, verbs, shortNames },
          ...subresources.map((each: Plain) => ({ name: `${resource}/${each.subresource}`, verbs: each.verbs, shortNames: undefined })),
        ])
        expect(told).toEqual(listed.map(({ name, verbs, shortNames }: Plain) => ({ name, verbs, shortNames })))
      }
    }
  })

  it('is not sent again to those who have it', async () => {
    const first = await ask('/apis', { accept: aggregatedType })
    const etag = first.headers.get('etag') ?? ''
    expect(etag).toMatch(/^"[0-9A-F]{128}"$/)
    const again = await ask('/apis', { accept: aggregatedType, 'if-none-match': etag })
    expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag])
    expect((await ask('/apis', { accept: aggregatedType, 'if-none-match': '"0"' })).status).toBe(200)
    expect((await ask('/api', { accept: aggregatedType })).headers.get('etag')).not.toBe(etag)
  })

  it.each([
    [`application/json,${aggregatedType}`, 'application/json', 'APIGroupList'],
    [`${oldAggregatedType},application/json`, 'application/json', 'APIGroupList'],
    [`${oldAggregatedType},${aggregatedType}`, aggregatedType, 'APIGroupDiscoveryList'],
    [`application/json;q=0.5,${aggregatedType};q=0.9`, aggregatedType, 'APIGroupDiscoveryList'],
    ['application/json;as=APIGroupDiscoveryList;v=v2;g=apidiscovery.k8s.io', aggregatedType, 'APIGroupDiscoveryList'],
    ['*/*', 'application/json', 'APIGroupList'],
  ])('takes the first form it knows of %s', async (accept, contentType, kind) => {
    const answer = await ask('/apis', { accept })
    expect([answer.headers.get('content-type'), ((await answer.json()) as Plain).kind]).toEqual([contentType, kind])
  })

  it.each([oldAggregatedType, 'text/html', 'application/json;as=Table;v=v1;g=meta.k8s.io'])('has nothing for %s', async (accept) => {
    const answer = await ask('/apis', { accept })
    expect([answer.status, ((await answer.json()) as Plain).reason]).toEqual([406, 'NotAcceptable'])
  })

  it('comes in protobuf too', async () => {
    const type = aggregatedType.replace('json', 'vnd.kubernetes.protobuf')
    const answer = await ask('/apis', { accept: type })
    expect(answer.headers.get('content-type')).toBe(type)
    const decoded = decodeObject(Buffer.from(await answer.arrayBuffer()), { apiVersion: '', kind: '' }, (_apiVersion, kind) =>
      schema.find({ group: 'apidiscovery.k8s.io', version: 'v2', kind }),
    )
    expect(decoded).toMatchObject({ object: await read('/apis', { accept: aggregatedType }) })
  })
})

describe.runIf(hasTools)('kubectl', () => {
  it.each<Minor>(['1.35', '1.32'])('%s lists resources and versions', async (minor) => {
    const kubectl = kubectlFor(server.kubeconfig, minor)
    const resources = await kubectl('api-resources', '--no-headers')
    expect(resources.stderr).toBe('')
    // All 66 but for the autoscaler in the older of its two versions.
    expect(resources.stdout.trim().split('\n')).toHaveLength(65)
    expect(resources.stdout).toMatch(/^endpointslices +discovery\.k8s\.io\/v1 +true +EndpointSlice$/m)
    const versions = await kubectl('api-versions')
    expect(versions.stdout.trim().split('\n')).toHaveLength(22)
  })
})
