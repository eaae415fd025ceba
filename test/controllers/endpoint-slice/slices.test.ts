// What the slices of a Service say, and what becomes of them as its pods come and go.
import { describe, expect, it } from 'vitest'
import { endpointSliceController } from '../../../src/controllers/endpoint-slice/endpoint-slice-controller.js'
import type { Plain } from '../../../src/machinery/index.js'
import { type EndpointSlice, endpointSlice, pod, service } from '../../../src/resources/index.js'
import type { Sketch } from '../../support/snapshot.js'
import { nodeSketch, type PodSketch, podSketch, serviceSketch } from '../sketches.js'
import { outline, World, worldTime } from '../world.js'

const controller = endpointSliceController({ maxEndpointsPerSlice: 100 })
const zoned = nodeSketch('node-a', { zone: 'zone-1' })

/** @returns the slices after the controller has looked once */
function slicesOf(...sketches: Sketch[]): EndpointSlice[] {
  const world = new World([zoned, ...sketches])
  world.settle(controller, 'web')
  return world.list(endpointSlice)
}

const triggerTime = 'endpoints.kubernetes.io/last-change-trigger-time'

describe('a slice', () => {
  it('tells of a pod all that its readers need', () => {
    const [slice] = slicesOf(
      serviceSketch('web', { ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080, appProtocol: 'h2c' }] }),
      podSketch('one'),
    )
    expect(slice).toMatchObject({
      metadata: {
        generateName: 'web-',
        namespace: 'default',
        labels: { 'kubernetes.io/service-name': 'web', 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' },
        annotations: { [triggerTime]: worldTime },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name: 'web', uid: 'uid-web', controller: true, blockOwnerDeletion: true }],
      },
      addressType: 'IPv4',
      ports: [{ name: 'http', protocol: 'TCP', port: 8080, appProtocol: 'h2c' }],
    })
    expect(slice.endpoints).toEqual([
      {
        addresses: ['10.244.0.1'],
        conditions: { ready: true, serving: true, terminating: false },
        targetRef: { kind: 'Pod', namespace: 'default', name: 'one', uid: 'uid-one' },
        nodeName: 'node-a',
        zone: 'zone-1',
      },
    ])
  })

  const yes = true
  const no = false
  it.each<[ready: boolean, deleted: boolean, published: boolean, conditions: [ready: boolean, serving: boolean, terminating: boolean]]>([
    [yes, no, no, [yes, yes, no]],
    [yes, no, yes, [yes, yes, no]],
    [yes, yes, no, [no, yes, yes]],
    [yes, yes, yes, [yes, yes, yes]],
    [no, no, no, [no, no, no]],
    [no, no, yes, [yes, no, no]],
    [no, yes, no, [no, no, yes]],
    [no, yes, yes, [yes, no, yes]],
  ])(
    'says of a pod that is ready: %s, deleted: %s, published anyway: %s, that it is ready, serving, terminating: %s',
    (ready, deleted, published, expected) => {
      const [slice] = slicesOf(serviceSketch('web', { publishNotReadyAddresses: published }), podSketch('one', { ready, deleted }))
      const { conditions } = slice.endpoints?.[0] ?? {}
      expect([conditions?.ready, conditions?.serving, conditions?.terminating]).toEqual(expected)
    },
  )

  it.each<[what: string, sketch: PodSketch, spec?: Plain]>([
    ['has succeeded', { phase: 'Succeeded' }],
    ['has failed', { phase: 'Failed' }],
    ['has no address', { ips: [] }],
    ['has no address of the family', { ips: ['fd00::1'] }],
    ['bears other labels', { app: 'other' }],
    ['bears only one of the labels', {}, { selector: { app: 'web', tier: 'front' } }],
    ['runs on a node nobody knows', { node: 'node-x' }],
    ['is bound to no node', { node: '' }],
  ])('leaves out a pod that %s', (_what, sketch, spec = {}) => {
    expect(slicesOf(serviceSketch('web', spec), podSketch('one', sketch)).flatMap(({ endpoints }) => endpoints ?? [])).toEqual([])
  })

  it('publishes a pod on an unknown node when even what is not ready is published', () => {
    const [slice] = slicesOf(serviceSketch('web', { publishNotReadyAddresses: true }), podSketch('one', { node: 'node-x' }))
    expect(slice.endpoints).toMatchObject([{ addresses: ['10.244.0.1'], nodeName: 'node-x' }])
    expect(slice.endpoints?.[0].zone).toBeUndefined()
  })

  it.each([
    ['its Service', 'web', 'pod-1'],
    ['another Service', 'other', undefined],
  ])('carries the hostname of a pod whose subdomain is %s', (_what, subdomain, hostname) => {
    const [slice] = slicesOf(serviceSketch('web', { clusterIP: 'None' }), podSketch('one', { spec: { hostname: 'pod-1', subdomain } }))
    expect(slice.endpoints?.[0].hostname).toBe(hostname)
  })

  it('bears the labels of its Service, but the reserved ones as they must be', () => {
    const labels = { team: 'a', 'kubernetes.io/service-name': 'lie', 'service.kubernetes.io/headless': 'lie' }
    const [plain] = slicesOf(serviceSketch('web', {}, { labels }))
    const [headless] = slicesOf(serviceSketch('web', { clusterIP: 'None' }, { labels }))
    const reserved = { 'kubernetes.io/service-name': 'web', 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' }
    expect(plain.metadata.labels).toEqual({ team: 'a', ...reserved })
    expect(headless.metadata.labels).toEqual({ team: 'a', ...reserved, 'service.kubernetes.io/headless': '' })
  })

  it('is of one family and has one set of ports', () => {
    const ports = [
      { name: 'http', port: 80, protocol: 'TCP', targetPort: 'web' },
      { name: 'admin', port: 81, protocol: 'TCP', targetPort: 9000 },
    ]
    const slices = slicesOf(
      serviceSketch('web', { ipFamilies: ['IPv6', 'IPv4'], ports }),
      podSketch('one', { ips: ['10.244.0.1', 'fd00:0::1'], ports: [['web', 8080]] }),
      podSketch('two', { ips: ['10.244.0.2'], ports: [['web', 8081]] }),
      podSketch('three', { ips: ['10.244.0.3'] }),
    )
    const seen = slices.map(({ addressType, ports, endpoints }) => [
      addressType,
      ports?.map(({ name, port }) => `${name}=${port}`).join(),
      endpoints?.map(({ addresses }) => addresses?.[0]).join(),
    ])
    expect(seen.sort()).toEqual([
      ['IPv4', 'admin=9000', '10.244.0.3'],
      ['IPv4', 'admin=9000,http=8080', '10.244.0.1'],
      ['IPv4', 'admin=9000,http=8081', '10.244.0.2'],
      ['IPv6', 'admin=9000,http=8080', 'fd00::1'],
    ])
  })

  it('finds a named port among the containers of its protocol, then among sidecars, and not among those that end', () => {
    const named = (name: string, containerPort: number, protocol = 'TCP') => ({ name, containerPort, protocol })
    const containers = [
      { name: 'a', image: 'a', ports: [named('web', 1, 'UDP')] },
      { name: 'b', image: 'b', ports: [named('web', 2)] },
    ]
    const initContainers = [
      { name: 'c', image: 'c', ports: [named('web', 3), named('end', 4)] },
      { name: 'd', image: 'd', restartPolicy: 'Always', ports: [named('side', 5)] },
    ]
    const portOf = (name: string) => ({ name, port: 80, protocol: 'TCP', targetPort: name })
    const [slice] = slicesOf(serviceSketch('web', { ports: ['web', 'end', 'side'].map(portOf) }), podSketch('one', { spec: { containers, initContainers } }))
    expect(slice.ports?.map(({ name, port }) => [name, port])).toEqual([
      ['side', 5],
      ['web', 2],
    ])
  })

  it('needs no ports for a headless Service', () => {
    const slices = slicesOf(serviceSketch('web', { clusterIP: 'None', ports: undefined }), podSketch('one'))
    expect(slices).toMatchObject([{ ports: null, endpoints: [{ addresses: ['10.244.0.1'] }] }])
  })
})

describe('the slices of a Service', () => {
  it('begin with an empty one, which the first pod fills and the last one leaves', () => {
    const world = new World([zoned, serviceSketch('web')])
    expect(world.settle(controller, 'web').map(outline)).toEqual(['create web-'])
    const [{ metadata, endpoints, ports }] = world.list(endpointSlice)
    expect([endpoints, ports]).toEqual([null, null])
    const update = [`update ${metadata.name}`]
    world.put(podSketch('one', { ready: false }))
    expect(world.settle(controller, 'web').map(outline)).toEqual(update)
    world.put(podSketch('one'))
    expect(world.settle(controller, 'web').map(outline)).toEqual(update)
    world.put(podSketch('one', { deleted: true }))
    expect(world.settle(controller, 'web').map(outline)).toEqual(update)
    world.remove(pod, 'one')
    expect(world.settle(controller, 'web').map(outline)).toEqual(update)
    expect(world.list(endpointSlice)).toMatchObject([{ endpoints: null, ports: null }])
  })

  it('keep a name when their ports change', () => {
    const world = new World([zoned, serviceSketch('web'), podSketch('one')])
    world.settle(controller, 'web')
    const [{ metadata }] = world.list(endpointSlice)
    world.put(serviceSketch('web', { ports: [{ port: 80, protocol: 'TCP', targetPort: 81 }] }))
    expect(world.settle(controller, 'web').map(outline)).toEqual([`update ${metadata.name}`])
  })

  it('go with a family that the Service gives up', () => {
    const world = new World([zoned, serviceSketch('web', { ipFamilies: ['IPv4', 'IPv6'] }), podSketch('one')])
    expect(world.settle(controller, 'web').map(outline)).toEqual(['create web-', 'create web-'])
    world.put(serviceSketch('web'))
    const [gone] = world.list(endpointSlice).filter(({ addressType }) => addressType === 'IPv6')
    expect(world.settle(controller, 'web').map(outline)).toEqual([`delete ${gone.metadata.name}`])
  })

  it('follow the labels of the Service and lose what somebody added', () => {
    const world = new World([zoned, serviceSketch('web'), podSketch('one')])
    world.settle(controller, 'web')
    world.put(serviceSketch('web', {}, { labels: { team: 'a' } }))
    expect(world.settle(controller, 'web')).toHaveLength(1)
    const [slice] = world.list(endpointSlice)
    world.put({ ...slice, metadata: { ...slice.metadata, name: slice.metadata.name ?? '', labels: { ...slice.metadata.labels, mine: 'yes' } } })
    expect(world.settle(controller, 'web')).toHaveLength(1)
    expect(Object.keys(world.list(endpointSlice)[0].metadata.labels ?? {})).not.toContain('mine')
  })

  it('are given back their endpoints when somebody edits them', () => {
    const world = new World([zoned, serviceSketch('web'), podSketch('one')])
    world.settle(controller, 'web')
    const [slice] = world.list(endpointSlice)
    const edited = [{ addresses: ['192.0.2.1'], conditions: {} }, ...(slice.endpoints ?? []), ...(slice.endpoints ?? [])]
    world.put({ ...slice, endpoints: edited })
    world.settle(controller, 'web')
    expect(world.list(endpointSlice)[0].endpoints).toEqual(slice.endpoints)
  })

  it('belong to it alone: those of a namesake before it are deleted', () => {
    const world = new World([zoned, serviceSketch('web', {}, { uid: 'uid-old' }), podSketch('one')])
    world.settle(controller, 'web')
    const [old] = world.list(endpointSlice)
    world.put(serviceSketch('web', {}, { uid: 'uid-new' }))
    expect(world.settle(controller, 'web').map(outline)).toEqual(['create web-', `delete ${old.metadata.name}`])
  })

  it.each([
    ['an ExternalName Service', { type: 'ExternalName', externalName: 'example.com' }],
    ['a Service without a selector', { selector: undefined }],
  ])('are left alone for %s', (_what, spec) => {
    const world = new World([zoned, serviceSketch('web'), podSketch('one')])
    world.settle(controller, 'web')
    world.put(serviceSketch('web', spec))
    expect(world.settle(controller, 'web')).toEqual([])
    expect(world.list(endpointSlice)).toHaveLength(1)
  })

  it('are left alone when they are hand-made or being deleted', () => {
    const world = new World([zoned, serviceSketch('web'), podSketch('one')])
    world.settle(controller, 'web')
    const [slice] = world.list(endpointSlice)
    const { 'endpointslice.kubernetes.io/managed-by': _manager, ...labels } = slice.metadata.labels ?? {}
    const manual = world.put({ ...slice, metadata: { name: 'manual', labels }, endpoints: [] })
    world.put({ ...slice, metadata: { ...slice.metadata, deletionTimestamp: worldTime, finalizers: ['example.com/wait'] } })
    expect(world.settle(controller, 'web').map(outline)).toEqual(['create web-'])
    expect(world.get(endpointSlice, 'manual')).toBe(manual)
  })

  it('are not created while the Service is being deleted', () => {
    const world = new World([zoned, serviceSketch('web', {}, { deletionTimestamp: worldTime, finalizers: ['example.com/wait'] }), podSketch('one')])
    expect(world.settle(controller, 'web')).toEqual([])
  })

  it('are not created in a namespace that is being deleted', () => {
    const world = new World([zoned, serviceSketch('web'), podSketch('one')])
    world.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default', deletionTimestamp: worldTime }, spec: { finalizers: ['kubernetes'] } })
    expect(world.settle(controller, 'web')).toEqual([])
  })

  it('have nothing done for them once the Service is gone', () => {
    const world = new World([zoned, serviceSketch('web'), podSketch('one')])
    world.settle(controller, 'web')
    world.remove(service, 'web')
    expect(world.settle(controller, 'web')).toEqual([])
  })
})

describe('the trigger time', () => {
  const later = '2026-01-02T03:05:00Z'
  const latest = '2026-01-02T03:06:00Z'
  const timeOf = (world: World) => world.list(endpointSlice)[0].metadata.annotations?.[triggerTime]

  it('is the creation of a Service that is new, then the earliest change of readiness among pods with news', () => {
    const world = new World([zoned, serviceSketch('web'), podSketch('one', { ready: false }), podSketch('two', { ips: ['10.244.0.2'], ready: false })])
    world.settle(controller, 'web')
    expect(timeOf(world)).toBe(worldTime)
    world.put(podSketch('one', { readyChanged: latest }))
    world.put(podSketch('two', { ips: ['10.244.0.2'], readyChanged: later }))
    world.settle(controller, 'web')
    expect(timeOf(world)).toBe(later)
    world.put(podSketch('three', { ips: ['10.244.0.3'], readyChanged: latest }))
    world.settle(controller, 'web')
    expect(timeOf(world)).toBe(latest)
  })

  it('is absent when no readiness changed', () => {
    const world = new World([zoned, serviceSketch('web'), podSketch('one'), podSketch('two', { ips: ['10.244.0.2'] })])
    world.settle(controller, 'web')
    world.remove(pod, 'two')
    world.settle(controller, 'web')
    expect(timeOf(world)).toBeUndefined()
  })

  it('is when a pod that finished stopped being ready', () => {
    const world = new World([zoned, serviceSketch('web'), podSketch('one'), podSketch('two', { ips: ['10.244.0.2'] })])
    world.settle(controller, 'web')
    world.put(podSketch('two', { ips: ['10.244.0.2'], ready: false, phase: 'Succeeded', readyChanged: later }))
    world.settle(controller, 'web')
    expect(timeOf(world)).toBe(later)
  })
})

describe('a pod on a node that nobody knows', () => {
  it('is told once, and looked for again later and later', () => {
    const world = new World([serviceSketch('web'), podSketch('one', { node: 'node-x' })])
    expect(world.settle(controller, 'web').map(outline)).toEqual([
      'create web-',
      'event Warning FailedToUpdateEndpointSlices: Error updating Endpoint Slices for Service default/web: skipping Pod one for Service default/web: Node node-x Not Found',
    ])
    const waits = [0, 5, 60, 10_000].map((seconds) => {
      world.now = Date.parse(worldTime) + seconds * 1000
      return world.plan(controller, { namespace: 'default', name: 'web' }).requeueAfterMillis
    })
    expect(waits).toEqual([1000, 5000, 60_000, 1_000_000])
  })

  it('gets its place when the node appears', () => {
    const world = new World([serviceSketch('web'), podSketch('one')])
    world.settle(controller, 'web')
    world.put(zoned)
    expect(world.settle(controller, 'web')).toHaveLength(1)
    expect(world.list(endpointSlice)[0].endpoints).toHaveLength(1)
  })
})
