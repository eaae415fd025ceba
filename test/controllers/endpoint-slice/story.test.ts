// Services and their endpoints in a cluster of simulated nodes, from the first pod to the last.
import { afterEach, describe, expect, it } from 'vitest'
import type { EndpointSlice, Endpoints, Pod } from '../../../src/resources/index.js'
import { openTestCluster, type TestCluster } from '../../support/cluster.js'

let cluster: TestCluster
afterEach(() => {
  expect(cluster.failures).toEqual([])
  cluster.close()
})

const service = (name: string, spec = {}) => ({ metadata: { name }, spec: { selector: { app: name }, ports: [{ port: 80 }], ...spec } })
const podOf = (app: string, name: string) => ({ metadata: { name, labels: { app } }, spec: { containers: [{ name: 'main', image: 'nginx' }] } })

const slicesOf = (name: string) =>
  cluster.list<EndpointSlice>('discovery.k8s.io/v1/endpointslices').filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name)
const sizesOf = (name: string) =>
  slicesOf(name)
    .map(({ endpoints }) => endpoints?.length ?? 0)
    .sort()

/** Rows of the log for a kind while something happens and the cluster settles. */
async function writesTo(resource: string, work: () => void): Promise<string[]> {
  const rows: string[] = []
  const stop = cluster.realm.store.watch(({ type, stored }) => {
    if (stored.resource === resource) rows.push(type)
  })
  work()
  await cluster.settled()
  stop()
  return rows
}

describe('a Service and its pods', () => {
  it('are told in slices and Endpoints as they come, change and go', async () => {
    cluster = openTestCluster({ nodes: 3, maxEndpointsPerSlice: 10 })
    cluster.create('v1/services', service('web'))
    await cluster.settled()
    expect(slicesOf('web')).toMatchObject([{ endpoints: null, ports: null }])
    for (let number = 0; number < 25; number++) cluster.create('v1/pods', podOf('web', `web-${number}`))
    await cluster.settled()
    expect(sizesOf('web')).toEqual([10, 10, 5])
    const ready = slicesOf('web')
      .flatMap(({ endpoints }) => endpoints ?? [])
      .filter(({ conditions }) => conditions.ready)
    expect(new Set(ready.flatMap(({ addresses }) => addresses)).size).toBe(25)
    expect(cluster.get<Endpoints>('v1/endpoints', 'web')?.subsets?.[0].addresses).toHaveLength(25)

    const relabel = () => void cluster.patch('v1/pods', 'web-7', { metadata: { labels: { app: 'other' } } })
    expect(await writesTo('discovery.k8s.io/v1/endpointslices', relabel)).toEqual(['MODIFIED'])
    expect(slicesOf('web').flatMap(({ endpoints }) => endpoints ?? [])).toHaveLength(24)

    cluster.delete('v1/services', 'web')
    await cluster.settled()
    expect(slicesOf('web')).toEqual([])
    expect(cluster.get('v1/endpoints', 'web')).toBeUndefined()
  })

  it('get back what somebody deletes or edits', async () => {
    cluster = openTestCluster({ nodes: 1 })
    cluster.create('v1/services', service('web'))
    cluster.create('v1/pods', podOf('web', 'one'))
    await cluster.settled()
    const [slice] = slicesOf('web')
    cluster.delete('discovery.k8s.io/v1/endpointslices', slice.metadata.name ?? '')
    cluster.delete('v1/endpoints', 'web')
    await cluster.settled()
    const [again] = slicesOf('web')
    expect(again.endpoints).toEqual(slice.endpoints)
    expect(cluster.get<Endpoints>('v1/endpoints', 'web')?.subsets).toHaveLength(1)
    cluster.change('discovery.k8s.io/v1/endpointslices', again.metadata.name ?? '', (object) => Object.assign(object, { endpoints: [] }))
    await cluster.settled()
    expect(slicesOf('web')).toMatchObject([{ metadata: { name: again.metadata.name }, endpoints: slice.endpoints }])
  })

  it('tell of a pod that is on its way out until it is gone', async () => {
    cluster = openTestCluster({ nodes: 1 })
    cluster.create('v1/services', service('web'))
    cluster.create('v1/pods', podOf('web', 'one'))
    await cluster.settled()
    cluster.patch('v1/pods', 'one', { metadata: { finalizers: ['example.com/wait'] } })
    cluster.delete('v1/pods', 'one')
    await cluster.settled()
    expect(cluster.get<Pod>('v1/pods', 'one')?.metadata.deletionTimestamp).toBeDefined()
    expect(cluster.get<Endpoints>('v1/endpoints', 'web')?.subsets).toBeUndefined()
    cluster.patch('v1/pods', 'one', { metadata: { finalizers: null } })
    await cluster.advance(60_000)
    expect(slicesOf('web')).toMatchObject([{ endpoints: null }])
  })
})

describe('a Service without a selector', () => {
  it('has the slices of the Endpoints made for it', async () => {
    cluster = openTestCluster()
    const ports = [{ name: 'db', port: 5432, protocol: 'TCP' }]
    cluster.create('v1/services', service('db', { selector: undefined, ports: [{ name: 'db', port: 5432 }] }))
    cluster.create('v1/endpoints', { metadata: { name: 'db' }, subsets: [{ addresses: [{ ip: '192.0.2.1' }], ports }] })
    await cluster.settled()
    expect(slicesOf('db')).toMatchObject([{ endpoints: [{ addresses: ['192.0.2.1'] }], ports }])
    cluster.patch('v1/services', 'db', { spec: { selector: { app: 'db' } } })
    await cluster.settled()
    expect(slicesOf('db')).toMatchObject([
      { endpoints: null, metadata: { labels: { 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' } } },
    ])
    expect(cluster.get<Endpoints>('v1/endpoints', 'db')?.subsets).toBeUndefined()
  })
})
