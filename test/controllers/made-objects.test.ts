// What controllers make: it comes back when somebody deletes it, and what clients add to it stays.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { KubeObject, Plain } from '../../src/machinery/index.js'
import { openTestCluster, type TestCluster } from '../support/cluster.js'

let cluster: TestCluster
const containers = [{ name: 'c', image: 'i:1' }]
const workload = (name: string, spec: Plain = {}) => ({
  metadata: { name },
  spec: { selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers } }, ...spec },
})

beforeAll(async () => {
  cluster = openTestCluster({ nodes: 2 })
  cluster.create('v1/services', { metadata: { name: 'front' }, spec: { type: 'LoadBalancer', selector: { app: 'front' }, ports: [{ port: 80 }] } })
  cluster.create('apps/v1/deployments', workload('front', { replicas: 2 }))
  cluster.create('apps/v1/statefulsets', workload('db', { replicas: 2, serviceName: 'db' }))
  cluster.create('apps/v1/daemonsets', workload('agent'))
  cluster.create('v1/services', { metadata: { name: 'hand' }, spec: { ports: [{ port: 80 }] } })
  cluster.create('v1/endpoints', { metadata: { name: 'hand' }, subsets: [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 80 }] }] })
  cluster.create('v1/serviceaccounts', { metadata: { name: 'till' } })
  cluster.create('v1/secrets', {
    metadata: { name: 'token', annotations: { 'kubernetes.io/service-account.name': 'till' } },
    type: 'kubernetes.io/service-account-token',
  })
  await cluster.advance(10_000)
})

afterEach(() => {
  expect(cluster.failures).toEqual([])
  expect(cluster.replan()).toEqual([])
})

afterAll(() => cluster.close())

type Made = [resource: string, what: string, find: (object: KubeObject & Plain) => boolean]
const ownedBy = (kind: string) => (object: KubeObject) => object.metadata.ownerReferences?.some((owner) => owner.kind === kind) ?? false
const named = (name: string) => (object: KubeObject) => object.metadata.name === name && object.metadata.namespace === 'default'

const made: Made[] = [
  ['discovery.k8s.io/v1/endpointslices', 'of a Service', ownedBy('Service')],
  ['discovery.k8s.io/v1/endpointslices', 'of hand-made Endpoints', ownedBy('Endpoints')],
  ['v1/endpoints', 'of a Service', named('front')],
  ['networking.k8s.io/v1/ipaddresses', 'of a Service', (object) => object.spec.parentRef.name === 'front'],
  ['v1/serviceaccounts', 'of a namespace', named('default')],
  ['v1/configmaps', 'with the root certificate', named('kube-root-ca.crt')],
  ['coordination.k8s.io/v1/leases', 'of a node', ownedBy('Node')],
  ['apps/v1/replicasets', 'of a Deployment', ownedBy('Deployment')],
  ['v1/pods', 'of a ReplicaSet', ownedBy('ReplicaSet')],
  ['v1/pods', 'of a StatefulSet', ownedBy('StatefulSet')],
  ['v1/pods', 'of a DaemonSet', ownedBy('DaemonSet')],
  ['apps/v1/controllerrevisions', 'of a StatefulSet', ownedBy('StatefulSet')],
]
/** Made by a client, and looked after by a controller. */
const kept: Made[] = [
  ['v1/services', 'with a load balancer', named('front')],
  ['v1/secrets', 'with a token', named('token')],
  ['v1/nodes', 'that is simulated', ({ metadata }) => metadata.name === 'node-0'],
  ['apps/v1/deployments', 'with pods', named('front')],
  ['v1/namespaces', 'that is used', ({ metadata }) => metadata.name === 'default'],
]

const all = (resource: string, find: Made[2]) => cluster.list<KubeObject & Plain>(resource).filter(find)

describe('what controllers make', () => {
  it.each(made)('%s %s comes back', async (resource, _what, find) => {
    const before = all(resource, find)
    expect(before.length).toBeGreaterThan(0)
    const { name = '', namespace = '', uid } = before[0].metadata
    cluster.delete(resource, name, { namespace, gracePeriodSeconds: 0 })
    await cluster.advance(30_000)
    const after = all(resource, find)
    expect(after).toHaveLength(before.length)
    expect(after.map((object) => object.metadata.uid)).not.toContain(uid)
    const { data, subsets, endpoints, spec } = before[0]
    if (resource !== 'v1/pods') expect(after.map((object) => object.data)).toContainEqual(data)
    if (subsets || endpoints) expect(after.map((object) => object.subsets ?? object.endpoints)).not.toContainEqual(null)
    if (resource === 'networking.k8s.io/v1/ipaddresses') expect(after[0].spec).toEqual(spec)
  })

  /** Their labels, and the annotations of mirrored ones, follow from what they are made of: others have none there. */
  const isDerived = ({ kind = '' }: KubeObject) => ['EndpointSlice', 'Endpoints'].includes(kind)
  const isMirrored = ownedBy('Endpoints')

  it.each([...made, ...kept])('%s %s keeps what clients add', async (resource, _what, find) => {
    const [object] = all(resource, find)
    const { name = '', namespace = '' } = object.metadata
    const mine = { 'example.com/mine': 'yes' }
    const added = { ...(isMirrored(object) ? {} : { annotations: mine }), ...(isDerived(object) ? {} : { labels: mine }) }
    cluster.patch(resource, name, { metadata: { ...added, finalizers: [...(object.metadata.finalizers ?? []), 'example.com/mine'] } }, { namespace })
    await cluster.settled()
    const settled = cluster.realm.store.revision
    // Something happens that makes controllers write.
    const turn = String(settled)
    cluster.patch('v1/services', 'front', { metadata: { labels: { turn }, annotations: { turn } } })
    cluster.patch('apps/v1/deployments', 'front', { spec: { minReadySeconds: settled % 7 } })
    cluster.patch('v1/nodes', 'node-0', { spec: { unschedulable: settled % 2 === 0 } })
    await cluster.advance(60_000)
    const { metadata } = cluster.get<KubeObject>(resource, name, namespace) as KubeObject
    expect(metadata).toMatchObject(added)
    expect(metadata.finalizers).toContain('example.com/mine')
    expect(cluster.realm.store.revision - settled).toBeLessThan(100)
    cluster.patch(resource, name, { metadata: { finalizers: object.metadata.finalizers ?? null } }, { namespace })
    await cluster.settled()
  })

  it('keeps the status that others write where it is theirs', async () => {
    cluster.create('v1/services', {
      metadata: { name: 'foreign' },
      spec: { type: 'LoadBalancer', loadBalancerClass: 'example.com/lb', selector: { app: 'front' }, ports: [{ port: 80 }] },
    })
    await cluster.settled()
    cluster.patch('v1/services', 'foreign', { status: { loadBalancer: { ingress: [{ ip: '203.0.113.9' }] } } }, { subresource: 'status' })
    const [pod] = all('v1/pods', ownedBy('ReplicaSet'))
    const condition = { type: 'example.com/checked', status: 'True' }
    cluster.change('v1/pods', pod.metadata.name ?? '', ({ status }) => status.conditions.push(condition), { subresource: 'status' })
    cluster.change('v1/nodes', 'node-0', ({ status }) => status.conditions.push({ type: 'DiskOnFire', status: 'False' }), { subresource: 'status' })
    await cluster.advance(60_000)
    expect(cluster.get<Plain>('v1/services', 'foreign')?.status.loadBalancer.ingress).toMatchObject([{ ip: '203.0.113.9' }])
    expect(cluster.get<Plain>('v1/pods', pod.metadata.name ?? '')?.status.conditions).toContainEqual(expect.objectContaining(condition))
    expect(cluster.get<Plain>('v1/nodes', 'node-0')?.status.conditions).toContainEqual(expect.objectContaining({ type: 'DiskOnFire', status: 'False' }))
  })
})
