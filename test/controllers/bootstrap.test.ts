// What every cluster has comes back.
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { KubeObject } from '../../src/machinery/index.js'
import { sow } from '../../src/registry/index.js'
import type { EndpointSlice, Endpoints, Namespace, Service } from '../../src/resources/index.js'
import { bootstrapObjects } from '../../src/resources/index.js'
import { openTestCluster, type TestCluster } from '../support/cluster.js'

let cluster: TestCluster
const slices = 'discovery.k8s.io/v1/endpointslices'

const initial = bootstrapObjects({
  now: 0,
  serviceClusterIPRanges: ['10.96.0.0/16'],
  kubernetesServiceIP: '10.96.0.1',
  advertiseAddress: '127.0.0.1',
  securePort: 6443,
  clientCA: '',
})

beforeEach(async () => {
  cluster = openTestCluster({ nodes: 1, initialObjects: () => initial })
  sow(
    cluster.realm,
    initial.filter(({ object }) => ['IPAddress', 'ServiceCIDR', 'Service', 'Endpoints', 'EndpointSlice'].includes(object.kind as string)),
  )
  await cluster.settled()
})

afterEach(() => {
  expect(cluster.failures).toEqual([])
  expect(cluster.replan()).toEqual([])
  cluster.close()
})

it('the Service of the API comes back with its address, its endpoints and its slice', async () => {
  const contents = () => [
    cluster.get<Service>('v1/services', 'kubernetes')?.spec,
    cluster.get<Endpoints>('v1/endpoints', 'kubernetes')?.subsets,
    cluster.get<EndpointSlice>(slices, 'kubernetes')?.endpoints,
    cluster.get<KubeObject>('networking.k8s.io/v1/ipaddresses', '10.96.0.1') !== undefined,
  ]
  const before = contents()
  expect(before[1]).toEqual([{ addresses: [{ ip: '127.0.0.1' }], ports: [{ name: 'https', port: 6443, protocol: 'TCP' }] }])
  cluster.delete('v1/services', 'kubernetes')
  cluster.delete(slices, 'kubernetes')
  expect(contents()).toEqual([undefined, undefined, undefined, false])
  await cluster.settled()
  expect(contents()).toEqual(before)
})

it('its endpoints are put right, its Service may be changed', async () => {
  cluster.change('v1/endpoints', 'kubernetes', (object) => Object.assign(object, { subsets: [] }))
  cluster.change(slices, 'kubernetes', (object) => Object.assign(object, { endpoints: [] }))
  cluster.patch('v1/services', 'kubernetes', { metadata: { labels: { mine: 'yes' } }, spec: { sessionAffinity: 'ClientIP' } })
  cluster.patch(slices, 'kubernetes', { metadata: { labels: { mine: 'yes' } } })
  await cluster.settled()
  expect(cluster.get<Endpoints>('v1/endpoints', 'kubernetes')?.subsets?.[0].addresses).toEqual([{ ip: '127.0.0.1' }])
  expect(cluster.get<EndpointSlice>(slices, 'kubernetes')).toMatchObject({ metadata: { labels: { mine: 'yes' } }, endpoints: [{ addresses: ['127.0.0.1'] }] })
  expect(cluster.get<Service>('v1/services', 'kubernetes')).toMatchObject({ metadata: { labels: { mine: 'yes' } }, spec: { sessionAffinity: 'ClientIP' } })
})

it('a namespace of the system comes back, empty but for what every namespace has', async () => {
  const before = cluster.get<Namespace>('v1/namespaces', 'kube-node-lease')?.metadata.uid
  cluster.create('v1/configmaps', { metadata: { name: 'mine', namespace: 'kube-node-lease' } })
  cluster.delete('v1/namespaces', 'kube-node-lease')
  await cluster.advance(10_000)
  const { metadata, status } = cluster.get<Namespace>('v1/namespaces', 'kube-node-lease') as Namespace
  expect(metadata.uid).not.toBe(before)
  expect(status?.phase).toBe('Active')
  expect(cluster.list<KubeObject>('coordination.k8s.io/v1/leases', 'kube-node-lease').map((each) => each.metadata.name)).toEqual(['node-0'])
  expect(cluster.list<KubeObject>('v1/configmaps', 'kube-node-lease').map((each) => each.metadata.name)).toEqual(['kube-root-ca.crt'])
})

it('the range of cluster IPs comes back', async () => {
  cluster.delete('v1/services', 'kubernetes')
  cluster.delete('networking.k8s.io/v1/servicecidrs', 'kubernetes')
  await cluster.settled()
  expect(cluster.get('networking.k8s.io/v1/servicecidrs', 'kubernetes')).toMatchObject({ spec: { cidrs: ['10.96.0.0/16'] } })
})
