// Whatever the order in which clients do their work, and whenever controllers come to look: the cluster rests in the same state,
// after a bounded number of writes, and looking once more writes nothing.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { KubeObject, Plain } from '../../src/machinery/index.js'
import { openTestCluster, type TestCluster } from '../support/cluster.js'

type Step = (cluster: TestCluster) => void
/** Steps that follow each other, while other threads go on. */
type Thread = readonly Step[]

const create =
  (resource: string, object: Plain): Step =>
  (cluster) =>
    void cluster.create(resource, object)
const patch =
  (resource: string, name: string, merge: Plain): Step =>
  (cluster) =>
    void cluster.patch(resource, name, merge)
const remove =
  (resource: string, name: string): Step =>
  (cluster) =>
    cluster.delete(resource, name)

const [pods, services, endpoints, nodes] = ['v1/pods', 'v1/services', 'v1/endpoints', 'v1/nodes']
const containers = [{ name: 'c', image: 'i:1' }]
const podOf = (name: string, labels: Plain = {}, more: Plain = {}) => ({
  metadata: { name, labels, ...more.metadata },
  spec: { containers, nodeName: 'node-0', automountServiceAccountToken: false, ...more.spec },
})
const serviceOf = (name: string, spec: Plain = {}) => ({ metadata: { name }, spec: { selector: { app: name }, ports: [{ port: 80 }], ...spec } })
const workload = (name: string, spec: Plain = {}) => ({
  metadata: { name },
  spec: { selector: { matchLabels: { of: name } }, template: { metadata: { labels: { of: name } }, spec: { containers } }, ...spec },
})

/** Each of these is a story of its own; none of them minds what the others do. */
const threads: Record<string, Thread> = {
  service: [create(services, serviceOf('web')), patch(services, 'web', { spec: { type: 'NodePort' }, metadata: { labels: { tier: 'front' } } })],
  'pods that come and go': [create(pods, podOf('web-1', { app: 'web' })), create(pods, podOf('web-2', { app: 'web' })), remove(pods, 'web-1')],
  'a pod that changes sides': [create(pods, podOf('web-3', { app: 'other' })), patch(pods, 'web-3', { metadata: { labels: { app: 'web' } } })],
  'a pod that is not ready': [
    create(pods, podOf('web-4', { app: 'web' }, { metadata: { annotations: { 'kubedouble.dev/ready': 'false' } } })),
    patch(pods, 'web-4', { metadata: { annotations: { 'kubedouble.dev/ready': null } } }),
    patch(pods, 'web-4', { metadata: { annotations: { 'kubedouble.dev/ready': 'false' } } }),
  ],
  'a service without selector': [create(services, serviceOf('hand', { selector: undefined })), patch(services, 'hand', { metadata: { labels: { a: 'b' } } })],
  'endpoints made by hand': [
    create(endpoints, { metadata: { name: 'hand' }, subsets: [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 80, protocol: 'TCP' }] }] }),
    patch(endpoints, 'hand', { subsets: [{ addresses: [{ ip: '192.0.2.2' }], ports: [{ port: 80, protocol: 'TCP' }] }] }),
  ],
  'a load balancer': [
    create(services, serviceOf('edge', { type: 'LoadBalancer', loadBalancerIP: '198.18.0.9' })),
    patch(services, 'edge', { spec: { type: 'ClusterIP', loadBalancerIP: null } }),
    patch(services, 'edge', { spec: { type: 'LoadBalancer', loadBalancerIP: '198.18.0.7' } }),
  ],
  'a headless service that goes': [create(services, serviceOf('gone', { clusterIP: 'None' })), remove(services, 'gone')],
  'a node that fails and heals': [
    patch(nodes, 'node-1', { metadata: { annotations: { 'kubedouble.dev/ready': 'unknown' } } }),
    patch(nodes, 'node-1', { metadata: { annotations: { 'kubedouble.dev/ready': null } } }),
  ],
  'a node that is cordoned': [patch(nodes, 'node-2', { spec: { unschedulable: true } })],
  'a node that is made': [
    create(nodes, { metadata: { name: 'mine', annotations: { 'kubedouble.dev/simulated': 'true' } } }),
    patch(nodes, 'mine', { spec: { unschedulable: true } }),
  ],
  'a deployment': [create('apps/v1/deployments', workload('front', { replicas: 1 })), patch('apps/v1/deployments', 'front', { spec: { replicas: 3 } })],
  'a set with names': [create('apps/v1/statefulsets', workload('db', { replicas: 2, serviceName: 'db' }))],
  'a daemon': [create('apps/v1/daemonsets', workload('agent'))],
  'an owner that goes': [
    create('v1/configmaps', { metadata: { name: 'owner' } }),
    (cluster) => {
      const uid = cluster.get<KubeObject>('v1/configmaps', 'owner')?.metadata.uid
      const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid }]
      cluster.create(pods, podOf('owned', {}, { metadata: { ownerReferences } }))
      cluster.create('v1/secrets', { metadata: { name: 'owned', ownerReferences } })
    },
    remove('v1/configmaps', 'owner'),
  ],
  'a namespace that goes': [
    create('v1/namespaces', { metadata: { name: 'brief' } }),
    create('v1/configmaps', { metadata: { name: 'in-it', namespace: 'brief' } }),
    create(pods, { ...podOf('in-it'), metadata: { name: 'in-it', namespace: 'brief' } }),
    (cluster) => cluster.delete('v1/namespaces', 'brief'),
  ],
  'an account and its token': [
    create('v1/serviceaccounts', { metadata: { name: 'till' } }),
    create('v1/secrets', {
      metadata: { name: 'till', annotations: { 'kubernetes.io/service-account.name': 'till' } },
      type: 'kubernetes.io/service-account-token',
    }),
  ],
  'a budget': [create('policy/v1/poddisruptionbudgets', { metadata: { name: 'web' }, spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } } })],
  'a quota': [create('v1/resourcequotas', { metadata: { name: 'all' }, spec: { hard: { 'count/configmaps': '99', services: '99' } } })],
  'a network': [create('networking.k8s.io/v1/servicecidrs', { metadata: { name: 'more' }, spec: { cidrs: ['10.97.0.0/24'] } })],
}

/** Draws from the threads until all are done; a rest now and then. */
async function perform(order: readonly number[], names: readonly string[]): Promise<TestCluster> {
  const cluster = openTestCluster({ nodes: 3 })
  await cluster.settled()
  const left = names.map((name) => [...threads[name]])
  for (let draw = 0; left.some((steps) => steps.length); draw++) {
    const open = left.filter((steps) => steps.length)
    const chance = order[draw % order.length] ?? 0
    open[chance % open.length].shift()?.(cluster)
    if (chance % 3 === 0) await cluster.settled()
  }
  await cluster.advance(60_000)
  return cluster
}

// What chance or order decides: names, times, places and addresses.
const drawn = new Set(['uid', 'resourceVersion', 'managedFields', 'creationTimestamp', 'generation', 'observedGeneration', 'name', 'claimRef'])
const placed = new Set([
  'podIP',
  'podIPs',
  'hostIP',
  'hostIPs',
  'nodeName',
  'clusterIP',
  'clusterIPs',
  'nodePort',
  'zone',
  'ip',
  'podCIDR',
  'podCIDRs',
  'containerID',
  'token',
])
const isTime = /^\d{4}-\d\d-\d\dT/

/** An object as everybody would agree on. */
function outlineOf(value: unknown, key = ''): unknown {
  if (drawn.has(key) || placed.has(key)) return '*'
  if (typeof value === 'string') return isTime.test(value) || /(?:\d+\.){3}\d+/.test(value) ? '*' : value.replace(/-[a-z0-9]{5,10}(?=-|$)/g, '-*')
  if (Array.isArray(value)) return value.map((each) => outlineOf(each)).sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== 'annotations' && !name.startsWith('topology.'))
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, each]) => [name, outlineOf(each, name)]),
  )
}

function stateOf({ realm, list }: TestCluster): string[] {
  const kinds = realm.catalogue.definitions().filter(({ key, storedAs }) => storedAs.key === key && !/events$/.test(key))
  return kinds.flatMap(({ key }) => list<KubeObject>(key).map((object) => `${key} ${JSON.stringify(outlineOf(object))}`)).sort()
}

describe('stories that are told at the same time', () => {
  const names = Object.keys(threads)

  it('end the same in whatever order they are told', async () => {
    const first = await perform([0], names)
    const expected = stateOf(first)
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(1000), { minLength: 10, maxLength: 60 }), async (order) => {
        const cluster = await perform(order, names)
        expect(cluster.failures).toEqual([])
        const state = stateOf(cluster)
        expect(state.filter((each) => !expected.includes(each))).toEqual([])
        expect(state).toHaveLength(expected.length)
        expect(cluster.replan()).toEqual([])
        const { revision } = cluster.realm.store
        await cluster.settled()
        expect(cluster.realm.store.revision).toBe(revision)
        expect(revision).toBeLessThan(1500)
        cluster.close()
      }),
      { numRuns: 8, seed: 20261126, endOnFailure: true },
    )
    first.close()
  })
})
