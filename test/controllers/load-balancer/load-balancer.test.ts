// Load balancers as a cloud would make them: what a Service gets, when, and what becomes of it.
import { afterEach, describe, expect, it } from 'vitest'
import { parseBalancerPool } from '../../../src/controllers/load-balancer/balancer-pool.js'
import { loadBalancerController } from '../../../src/controllers/load-balancer/load-balancer-controller.js'
import type { Plain } from '../../../src/machinery/index.js'
import { snapshotOf } from '../../../src/registry/index.js'
import type { Event, Service } from '../../../src/resources/index.js'
import { openTestCluster, type TestCluster, type TestClusterOptions } from '../../support/cluster.js'

let cluster: TestCluster
afterEach(() => {
  expect(cluster.failures).toEqual([])
  cluster.close()
})

const finalizer = 'service.kubernetes.io/load-balancer-cleanup'

function open(options: TestClusterOptions = {}): void {
  cluster = openTestCluster({ nodes: 1, only: ['service-lb-controller'], ...options })
}

async function create(name: string, spec: Plain = {}, annotations: Record<string, string> = {}): Promise<void> {
  const script = Object.fromEntries(Object.entries(annotations).map(([key, value]) => [`kubedouble.dev/load-balancer-${key}`, value]))
  cluster.create('v1/services', { metadata: { name, annotations: script }, spec: { type: 'LoadBalancer', ports: [{ port: 80 }], ...spec } })
  await cluster.settled()
}

async function patch(name: string, merge: Plain, subresource?: string): Promise<void> {
  cluster.patch('v1/services', name, merge, { subresource })
  await cluster.settled()
}

const serviceOf = (name: string) => cluster.get<Service>('v1/services', name)
const ingressOf = (name: string) => serviceOf(name)?.status.loadBalancer.ingress
const ipsOf = (...names: string[]) => names.map((name) => ingressOf(name)?.[0].ip)

/** Reasons of the events about a Service, as often as they were said, in order. */
function said(name: string): string[] {
  const events = cluster.list<Event>('v1/events').filter(({ involvedObject }) => involvedObject.name === name)
  return events.sort((one, other) => order(one) - order(other)).flatMap(({ reason, count = 1 }) => Array(count).fill(reason))
}

const order = ({ metadata }: Event) => Number.parseInt(metadata.name?.split('.')[1] ?? '0', 16)

const lastMessage = (name: string) =>
  cluster
    .list<Event>('v1/events')
    .filter(({ involvedObject, type }) => involvedObject.name === name && type === 'Warning')
    .at(-1)?.message

describe('a Service of type LoadBalancer', () => {
  it('gets an address, a finalizer and events that say so', async () => {
    open()
    await create('web')
    expect(ingressOf('web')).toEqual([{ ip: '198.18.0.1', ipMode: 'VIP' }])
    expect(serviceOf('web')?.metadata.finalizers).toEqual([finalizer])
    expect(said('web')).toEqual(['EnsuringLoadBalancer', 'EnsuredLoadBalancer'])
    const [event] = cluster.list<Event>('v1/events').filter(({ reason }) => reason === 'EnsuringLoadBalancer')
    expect(event).toMatchObject({ source: { component: 'service-controller' }, type: 'Normal', message: 'Ensuring load balancer' })
  })

  it('is told when there is no node to send anything to', async () => {
    open({ nodes: 0 })
    await create('web')
    expect(said('web')).toEqual(['EnsuringLoadBalancer', 'UnAvailableLoadBalancer', 'EnsuredLoadBalancer'])
    expect(ipsOf('web')).toEqual(['198.18.0.1'])
  })

  it('gets the lowest address that nobody has', async () => {
    open()
    for (const name of ['one', 'two', 'three']) await create(name)
    expect(ipsOf('one', 'two', 'three')).toEqual(['198.18.0.1', '198.18.0.2', '198.18.0.3'])
    cluster.delete('v1/services', 'two')
    await cluster.settled()
    await create('four')
    expect(ipsOf('four')).toEqual(['198.18.0.2'])
  })

  it('gets the address it asks for, unless somebody has it', async () => {
    open()
    await create('one', { loadBalancerIP: '203.0.113.7' })
    await create('two', { loadBalancerIP: '203.0.113.7' })
    expect(ipsOf('one', 'two')).toEqual(['203.0.113.7', undefined])
    expect(lastMessage('two')).toBe('Error syncing load balancer: failed to ensure load balancer: load balancer IP 203.0.113.7 belongs to Service default/one')
    cluster.delete('v1/services', 'one')
    await cluster.settled()
    expect(ipsOf('two')).toEqual(['203.0.113.7'])
  })

  it('is left alone when it is of a class', async () => {
    open()
    await create('web', { loadBalancerClass: 'example.com/other' })
    await patch('web', { status: { loadBalancer: { ingress: [{ ip: '198.18.0.1' }] } } }, 'status')
    await create('ours')
    expect(said('web')).toEqual([])
    expect(serviceOf('web')?.metadata.finalizers).toBeUndefined()
    expect(ipsOf('web', 'ours')).toEqual(['198.18.0.1', '198.18.0.2'])
  })

  it('has nothing done for it while nothing about it changes', async () => {
    open()
    await create('web')
    const revision = cluster.realm.store.revision
    await patch('web', { metadata: { labels: { a: 'b' } } })
    expect(cluster.realm.store.revision).toBe(revision + 1)
    await cluster.advance(3_600_000)
    expect(said('web')).toEqual(['EnsuringLoadBalancer', 'EnsuredLoadBalancer'])
  })

  it('is looked after again when its ports change, and keeps its address', async () => {
    open()
    await create('web')
    await patch('web', { spec: { ports: [{ port: 81 }] } })
    expect(said('web')).toEqual(['EnsuringLoadBalancer', 'EnsuringLoadBalancer', 'EnsuredLoadBalancer', 'EnsuredLoadBalancer'])
    expect(ipsOf('web')).toEqual(['198.18.0.1'])
  })

  it('gets its status back when somebody changes it', async () => {
    open()
    await create('web')
    await patch('web', { status: { loadBalancer: { ingress: null } } }, 'status')
    expect(ipsOf('web')).toEqual(['198.18.0.1'])
  })
})

describe('a load balancer', () => {
  it('goes with its Service', async () => {
    open()
    await create('web')
    cluster.delete('v1/services', 'web')
    await cluster.settled()
    expect(serviceOf('web')).toBeUndefined()
    expect(said('web').slice(-2)).toEqual(['DeletingLoadBalancer', 'DeletedLoadBalancer'])
  })

  it('goes when its Service becomes another type, and comes back', async () => {
    open()
    await create('web')
    await patch('web', { spec: { type: 'NodePort', allocateLoadBalancerNodePorts: null } })
    expect(ingressOf('web')).toBeUndefined()
    expect(serviceOf('web')?.metadata.finalizers).toBeUndefined()
    expect(said('web').slice(-2)).toEqual(['DeletingLoadBalancer', 'DeletedLoadBalancer'])
    await patch('web', { spec: { type: 'LoadBalancer' } })
    expect(ipsOf('web')).toEqual(['198.18.0.1'])
  })

  it('leaves the finalizers of others', async () => {
    open()
    await create('web')
    await patch('web', { metadata: { finalizers: ['example.com/wait', finalizer] } })
    cluster.delete('v1/services', 'web')
    await cluster.settled()
    expect(serviceOf('web')).toMatchObject({ metadata: { finalizers: ['example.com/wait'] }, status: { loadBalancer: {} } })
    expect(ingressOf('web')).toBeUndefined()
  })

  it('is not made for a Service that is on its way out', async () => {
    open()
    await create('web', { type: 'ClusterIP' })
    await patch('web', { metadata: { finalizers: ['example.com/wait'] } })
    cluster.delete('v1/services', 'web')
    await patch('web', { spec: { type: 'LoadBalancer' } })
    expect([said('web'), ipsOf('web')]).toEqual([[], [undefined]])
  })

  it('is taken as made after a restart', async () => {
    open()
    await create('web')
    const restarted = loadBalancerController()
    const observed = restarted.observe({ namespace: 'default', name: 'web' }, snapshotOf(cluster.realm))
    expect(observed && restarted.reconcile(observed)).toEqual({ writes: [] })
  })
})

describe('the pool', () => {
  it('runs dry as a failure, which heals when an address is given back', async () => {
    open({ loadBalancerIPRange: '198.18.7.0/30' })
    for (const name of ['one', 'two', 'three']) await create(name)
    expect(ipsOf('one', 'two', 'three')).toEqual(['198.18.7.1', '198.18.7.2', undefined])
    expect(lastMessage('three')).toBe('Error syncing load balancer: failed to ensure load balancer: no address is left in 198.18.7.0/30')
    await patch('one', { spec: { type: 'ClusterIP', allocateLoadBalancerNodePorts: null, externalTrafficPolicy: null, ports: [{ port: 80, nodePort: null }] } })
    expect(ipsOf('three')).toEqual(['198.18.7.1'])
  })

  it('is asked again after 5, 10, 20 seconds and so on', async () => {
    open({ loadBalancerIPRange: '2001:db8::/64' })
    await create('web')
    const failures = async (millis: number) => {
      await cluster.advance(millis)
      return said('web').filter((reason) => reason === 'SyncLoadBalancerFailed').length
    }
    expect(lastMessage('web')).toContain('there are no addresses of family IPv4 for load balancers')
    expect([await failures(0), await failures(4999), await failures(1), await failures(9999), await failures(1), await failures(20_000)]).toEqual([
      1, 1, 2, 2, 3, 4,
    ])
  })

  it.each([
    ['198.18.0.0/24', undefined],
    ['198.18.0.0/24, 2001:db8::/64', undefined],
    ['198.18.0.0', '"198.18.0.0" is no network: give one such as 198.18.0.0/24'],
    ['198.18.0.0/24,10.0.0.0/8', 'there are two IPv4 networks: give one, or one of each family'],
  ])('is written as %s', (text, problem) => {
    open({ controllers: [] })
    const parsed = parseBalancerPool(text)
    expect('problem' in parsed ? parsed.problem : undefined).toBe(problem)
  })
})

describe('the script of a load balancer', () => {
  it('lets it take its time, by the server or by itself', async () => {
    open({ loadBalancerDelayMillis: 2000 })
    await create('web')
    await create('slow', {}, { delay: '1m' })
    expect(said('web')).toEqual(['EnsuringLoadBalancer'])
    expect(serviceOf('web')?.metadata.finalizers).toEqual([finalizer])
    await cluster.advance(1999)
    expect(ipsOf('web', 'slow')).toEqual([undefined, undefined])
    await cluster.advance(1)
    expect(ipsOf('web', 'slow')).toEqual(['198.18.0.1', undefined])
    await cluster.advance(58_000)
    expect(ipsOf('slow')).toEqual(['198.18.0.2'])
    expect(said('slow')).toEqual(['EnsuringLoadBalancer', 'EnsuredLoadBalancer'])
  })

  it('gives it a name in place of an address', async () => {
    open()
    await create('web', {}, { hostname: 'lb.example.com' })
    expect(ingressOf('web')).toEqual([{ hostname: 'lb.example.com' }])
    await patch('web', { metadata: { annotations: { 'kubedouble.dev/load-balancer-hostname': null } } })
    expect(ingressOf('web')).toEqual([{ ip: '198.18.0.1', ipMode: 'VIP' }])
  })

  it('makes it fail with a message until it is taken away', async () => {
    open()
    await create('web', {}, { failure: 'quota exceeded' })
    expect(said('web')).toEqual(['EnsuringLoadBalancer', 'SyncLoadBalancerFailed'])
    expect(lastMessage('web')).toBe('Error syncing load balancer: failed to ensure load balancer: quota exceeded')
    await patch('web', { metadata: { annotations: { 'kubedouble.dev/load-balancer-failure': null } } })
    expect(ipsOf('web')).toEqual(['198.18.0.1'])
  })

  it('leaves it pending until it is taken away', async () => {
    open()
    await create('web', {}, { pending: 'true' })
    await cluster.advance(3_600_000)
    expect([said('web'), ipsOf('web')]).toEqual([['EnsuringLoadBalancer'], [undefined]])
    await patch('web', { metadata: { annotations: { 'kubedouble.dev/load-balancer-pending': null } } })
    expect(ipsOf('web')).toEqual(['198.18.0.1'])
  })

  it('says what cannot be read', async () => {
    open()
    await create('web', {}, { delay: 'soon' })
    expect(lastMessage('web')).toContain('annotation kubedouble.dev/load-balancer-delay is no duration such as 30s: "soon"')
  })
})
