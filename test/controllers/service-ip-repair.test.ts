// Cluster IPs and the objects that stand for them are kept in step.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { KubeObject, Plain } from '../../src/machinery/index.js'
import type { IPAddress, Service } from '../../src/resources/index.js'
import { openTestCluster, type TestCluster } from '../support/cluster.js'

let cluster: TestCluster
const addresses = 'networking.k8s.io/v1/ipaddresses'
const ip = '10.96.0.77'

beforeEach(async () => {
  cluster = openTestCluster()
  cluster.create('networking.k8s.io/v1/servicecidrs', { metadata: { name: 'kubernetes' }, spec: { cidrs: ['10.96.0.0/16'] } })
  cluster.create('v1/services', { metadata: { name: 'web' }, spec: { clusterIP: ip, ports: [{ port: 80 }] } })
  await cluster.settled()
})

afterEach(() => {
  expect(cluster.failures).toEqual([])
  cluster.close()
})

const allocated = {
  metadata: { name: ip, labels: { 'ipaddress.kubernetes.io/ip-family': 'IPv4', 'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io' } },
  spec: { parentRef: { resource: 'services', namespace: 'default', name: 'web' } },
}
const told = () =>
  cluster
    .list<KubeObject & Plain>('events.k8s.io/v1/events')
    .map((event) => [event.reason, event.action ?? event.reportingComponent, event.note ?? event.message])
    .filter(([reason]) => /IP/.test(String(reason)))
const names = () => cluster.list<IPAddress>(addresses).map(({ metadata }) => metadata.name)

describe('a cluster IP', () => {
  it('needs no repair when it was just given out', () => {
    expect(cluster.get(addresses, ip)).toMatchObject(allocated)
    expect(told()).toEqual([])
  })

  it('gets its object back', async () => {
    cluster.delete(addresses, ip)
    await cluster.settled()
    expect(cluster.get(addresses, ip)).toMatchObject(allocated)
    expect(told()).toEqual([['ClusterIPNotAllocated', 'ClusterIPAllocation', `Cluster IP [IPv4]: ${ip} is not allocated; repairing`]])
    expect(cluster.replan()).toEqual([])
  })

  it('has its object made anew when its labels are not the allocator’s', async () => {
    cluster.patch(addresses, ip, { metadata: { labels: null } })
    await cluster.settled()
    expect(cluster.get(addresses, ip)).toMatchObject(allocated)
    expect(cluster.replan()).toEqual([])
  })

  it('takes back an object that names a Service that is not there', async () => {
    cluster.delete(addresses, ip)
    cluster.create(addresses, { ...allocated, spec: { parentRef: { ...allocated.spec.parentRef, name: 'nobody' } } })
    await cluster.settled()
    expect(cluster.get(addresses, ip)).toMatchObject(allocated)
    expect(told().map(([, , note]) => note)).toEqual([`the ClusterIP [IPv4]: ${ip} for Service default/web has a wrong reference; repairing`])
    expect(cluster.replan()).toEqual([])
  })

  it('outside of every range is told', async () => {
    cluster.create('v1/services', { metadata: { name: 'far' }, spec: { type: 'ExternalName', externalName: 'x.y', ports: [{ port: 80 }] } })
    cluster.patch('networking.k8s.io/v1/servicecidrs', 'kubernetes', { metadata: { finalizers: null } })
    await cluster.settled()
    expect(told()).toEqual([])
  })

  it('goes with its Service, and nothing is missed', async () => {
    cluster.delete('v1/services', 'web')
    await cluster.advance(120_000)
    expect([names(), told()]).toEqual([[], []])
    expect(cluster.clock.nextDue).toBeUndefined()
  })
})

describe('an IPAddress of the allocator', () => {
  const make = (parentRef: Plain, labels: Plain = allocated.metadata.labels) =>
    cluster.create(addresses, { metadata: { name: '10.96.0.99', labels }, spec: { parentRef } })

  it('that names a Service that never comes goes after a minute', async () => {
    make({ resource: 'services', namespace: 'default', name: 'late' })
    await cluster.advance(60_000)
    expect(names()).toContain('10.96.0.99')
    await cluster.advance(1_000)
    expect(names()).toEqual([ip])
    expect(told()).toEqual([
      ['IPAddressNotAllocated', 'IPAddressAllocation', 'IPAddress: 10.96.0.99 for Service default/late appears to have leaked: cleaning up'],
    ])
  })

  it('that names a Service with other addresses goes too', async () => {
    make({ resource: 'services', namespace: 'default', name: 'web' })
    await cluster.advance(5_000)
    expect(names()).toEqual([ip])
    expect(told().map(([reason]) => reason)).toEqual(['IPAddressWrongReference'])
  })

  it('that names something else goes at once, and is left alone when it is somebody else’s', async () => {
    const gateway = { group: 'gateway.networking.k8s.io', resource: 'gateways', namespace: 'default', name: 'g' }
    make(gateway)
    await cluster.settled()
    expect(names()).toEqual([ip])
    const reference = '&ParentReference{Group:gateway.networking.k8s.io,Resource:gateways,Namespace:default,Name:g,}'
    expect(told().map(([, , note]) => note)).toEqual([
      `IPAddress 10.96.0.99 appears to have been modified, not referencing a Service ${reference}: cleaning up`,
    ])
    make(gateway, {})
    await cluster.advance(120_000)
    expect(names()).toEqual([ip, '10.96.0.99'])
  })

  it('is kept by both addresses of a Service of two families', async () => {
    const services = cluster.list<Service>('v1/services')
    expect(services.flatMap(({ spec }) => spec.clusterIPs ?? [])).toEqual(names())
  })
})
