// Endpoints of Services with selectors: what they say, when they are written, and whose they are.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { endpointsController as controller } from '../../../src/controllers/endpoints/endpoints-controller.js'
import { type Endpoints, endpoints, pod, service } from '../../../src/resources/index.js'
import type { Sketch } from '../../support/snapshot.js'
import { addressOf, type PodSketch, podSketch, serviceSketch } from '../sketches.js'
import { outline, World, worldTime } from '../world.js'

function endpointsOf(...sketches: Sketch[]): Endpoints {
  const world = new World(sketches)
  world.settle(controller, 'web')
  return world.list<Endpoints>(endpoints)[0]
}

/** Subsets in few words: ports, ready addresses, others. */
const inWords = ({ subsets = [] }: Endpoints) =>
  subsets.map(({ ports = [], addresses = [], notReadyAddresses = [] }) => [
    ports.map(({ name, port }) => (name ? `${name}=${port}` : port)).join(),
    addresses.map(({ ip }) => ip).join(),
    notReadyAddresses.map(({ ip }) => ip).join(),
  ])

const http = { name: 'http', port: 80, protocol: 'TCP', targetPort: 'web' }
const admin = { name: 'admin', port: 81, protocol: 'TCP', targetPort: 9000 }
const triggerTime = 'endpoints.kubernetes.io/last-change-trigger-time'

describe('Endpoints', () => {
  it('tell of a pod all that their readers need', () => {
    const sketch = podSketch('one', { spec: { hostname: 'pod-1', subdomain: 'web' } })
    const { metadata, subsets } = endpointsOf(serviceSketch('web', {}, { labels: { team: 'a' }, annotations: { note: 'mine' } }), sketch)
    expect(metadata).toMatchObject({ name: 'web', namespace: 'default', annotations: { [triggerTime]: worldTime } })
    expect(metadata.labels).toEqual({ team: 'a', 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' })
    expect(metadata.ownerReferences).toBeUndefined()
    expect(subsets).toEqual([
      {
        addresses: [{ ip: '10.244.0.1', hostname: 'pod-1', nodeName: 'node-a', targetRef: { kind: 'Pod', namespace: 'default', name: 'one', uid: 'uid-one' } }],
        ports: [{ port: 80, protocol: 'TCP' }],
      },
    ])
  })

  it('are there without subsets when nothing stands behind the Service', () => {
    expect(endpointsOf(serviceSketch('web'))).not.toHaveProperty('subsets')
  })

  it.each<[what: string, sketch: PodSketch, published: boolean, expected: string[][]]>([
    ['ready', {}, false, [['80', '10.244.0.1', '']]],
    ['not ready', { ready: false }, false, [['80', '', '10.244.0.1']]],
    ['not ready but published', { ready: false }, true, [['80', '10.244.0.1', '']]],
    ['being deleted', { deleted: true }, false, []],
    ['being deleted but published', { deleted: true }, true, [['80', '10.244.0.1', '']]],
    ['finished', { phase: 'Succeeded' }, true, []],
    ['without an address', { ips: [] }, true, []],
    ['of the other family', { ips: ['fd00::1'] }, false, []],
    ['of both families', { ips: ['fd00::1', '10.244.0.1'] }, false, [['80', '10.244.0.1', '']]],
    ['on a node nobody knows', { node: 'node-x' }, false, [['80', '10.244.0.1', '']]],
  ])('hold a pod that is %s', (_what, sketch, publishNotReadyAddresses, expected) => {
    expect(inWords(endpointsOf(serviceSketch('web', { publishNotReadyAddresses }), podSketch('one', sketch)))).toEqual(expected)
  })

  it('are of the first family of a Service', () => {
    const found = endpointsOf(serviceSketch('web', { ipFamilies: ['IPv6', 'IPv4'] }), podSketch('one', { ips: ['10.244.0.1', 'fd00:0::1'] }))
    expect(inWords(found)).toEqual([['80', 'fd00::1', '']])
  })

  it('put ports together that the same pods offer, addresses in order of their text', () => {
    const found = endpointsOf(
      serviceSketch('web', { ports: [http, admin, { name: 'none', port: 82, protocol: 'TCP', targetPort: 'none' }] }),
      podSketch('one', { ips: ['10.244.0.9'], ports: [['web', 8080]] }),
      podSketch('two', { ips: ['10.244.0.10'], ports: [['web', 8080]] }),
      podSketch('three', { ips: ['10.244.0.8'], ports: [['web', 8081]], ready: false }),
      podSketch('four', { ips: ['10.244.0.7'] }),
    )
    expect(inWords(found)).toEqual([
      ['admin=9000', '10.244.0.10,10.244.0.7,10.244.0.9', '10.244.0.8'],
      ['http=8080', '10.244.0.10,10.244.0.9', ''],
      ['http=8081', '', '10.244.0.8'],
    ])
  })

  it('have one subset when all pods offer all ports', () => {
    const found = endpointsOf(serviceSketch('web', { ports: [http, admin] }), podSketch('one', { ports: [['web', 8080]] }))
    expect(inWords(found)).toEqual([['admin=9000,http=8080', '10.244.0.1', '']])
  })

  it('leave out a pod that offers none of the ports, unless a headless Service has none', () => {
    expect(inWords(endpointsOf(serviceSketch('web', { ports: [http] }), podSketch('one')))).toEqual([])
    const headless = endpointsOf(serviceSketch('web', { clusterIP: 'None', ports: undefined }), podSketch('one'))
    expect(inWords(headless)).toEqual([['', '10.244.0.1', '']])
    expect(headless.metadata.labels).toHaveProperty(['service.kubernetes.io/headless'], '')
  })

  it('hold pods apart that share the address of their node', () => {
    const found = endpointsOf(serviceSketch('web'), podSketch('one', { ips: ['192.0.2.1'] }), podSketch('two', { ips: ['192.0.2.1'], ready: false }))
    expect(inWords(found)).toEqual([['80', '192.0.2.1', '192.0.2.1']])
  })
})

describe('Endpoints of a crowd', () => {
  const crowd = (count: number, options: (number: number) => PodSketch = () => ({})) =>
    Array.from({ length: count }, (_, number) => podSketch(`pod-${(number * 7919) % count}-${number}`, { ips: [addressOf(number)], ...options(number) }))
  const overCapacity = 'endpoints.kubernetes.io/over-capacity'
  const countsOf = ({ subsets = [] }: Endpoints) => subsets.map(({ addresses = [], notReadyAddresses = [] }) => [addresses.length, notReadyAddresses.length])

  it.each<[what: string, ready: number, unready: number, counts: number[], mark: string | undefined]>([
    ['a thousand', 600, 400, [600, 400], undefined],
    ['more than a thousand ready', 1100, 50, [1000, 0], 'truncated'],
    ['ready ones and too many others', 400, 700, [400, 600], 'truncated'],
  ])('hold of %s what there is room for', (_what, ready, unready, counts, mark) => {
    const found = endpointsOf(serviceSketch('web'), ...crowd(ready + unready, (number) => ({ ready: number % (ready + unready) < ready })))
    expect(countsOf(found)).toEqual([counts])
    expect(found.metadata.annotations?.[overCapacity]).toBe(mark)
  })

  it('keep the lowest addresses', () => {
    const found = endpointsOf(serviceSketch('web'), ...crowd(1500))
    expect(found.subsets?.[0].addresses?.map(({ ip }) => ip)).toEqual(Array.from({ length: 1000 }, (_, number) => addressOf(number)))
  })

  it('share the room among subsets by their size', () => {
    const found = endpointsOf(serviceSketch('web', { ports: [http] }), ...crowd(2000, (number) => ({ ports: [['web', number % 4 === 0 ? 8080 : 8081]] })))
    expect(countsOf(found)).toEqual([
      [250, 0],
      [750, 0],
    ])
  })

  it('lose the mark when there is room again', () => {
    const world = new World([serviceSketch('web'), ...crowd(1001)])
    world.settle(controller, 'web')
    const [{ metadata }] = world.list(pod)
    world.remove(pod, metadata.name ?? '')
    world.settle(controller, 'web')
    expect(world.list<Endpoints>(endpoints)[0].metadata.annotations ?? {}).not.toHaveProperty([overCapacity])
  })
})

describe('the Endpoints of a Service', () => {
  it('are written when something changed, and keep what others noted on them', () => {
    const world = new World([serviceSketch('web'), podSketch('one')])
    expect(world.settle(controller, 'web').map(outline)).toEqual(['create web'])
    const [found] = world.list<Endpoints>(endpoints)
    world.put({ ...found, metadata: { ...found.metadata, annotations: { ...found.metadata.annotations, note: 'mine' } } })
    expect(world.settle(controller, 'web')).toEqual([])
    world.put(serviceSketch('web', {}, { labels: { team: 'a' } }))
    expect(world.settle(controller, 'web').map(outline)).toEqual(['update web'])
    expect(world.list<Endpoints>(endpoints)[0].metadata.annotations).toEqual({ note: 'mine' })
  })

  it('do not mind the versions of pods', () => {
    const world = new World([serviceSketch('web'), podSketch('one')])
    world.settle(controller, 'web')
    const [found] = world.list<Endpoints>(endpoints)
    const versioned = JSON.parse(JSON.stringify(found), (key, value) => (key === 'targetRef' ? { ...value, resourceVersion: '7' } : value))
    world.put(versioned)
    expect(world.settle(controller, 'web')).toEqual([])
  })

  it('replace what was made by hand once the Service selects pods', () => {
    const world = new World([serviceSketch('web', { selector: undefined }), podSketch('one')])
    world.put({ apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'web', labels: { mine: 'yes' } }, subsets: [{ addresses: [{ ip: '192.0.2.1' }] }] })
    expect(world.settle(controller, 'web')).toEqual([])
    world.put(serviceSketch('web'))
    world.settle(controller, 'web')
    expect(inWords(world.list<Endpoints>(endpoints)[0])).toEqual([['80', '10.244.0.1', '']])
    expect(world.list<Endpoints>(endpoints)[0].metadata.labels).not.toHaveProperty('mine')
  })

  it.each([
    ['becomes ExternalName', { type: 'ExternalName', externalName: 'example.com' }],
    ['loses its selector', { selector: undefined }],
  ])('stay as they are when it %s', (_what, spec) => {
    const world = new World([serviceSketch('web'), podSketch('one')])
    world.settle(controller, 'web')
    world.put(serviceSketch('web', spec))
    world.remove(pod, 'one')
    expect(world.settle(controller, 'web')).toEqual([])
  })

  it('go when it goes', () => {
    const world = new World([serviceSketch('web'), podSketch('one')])
    world.settle(controller, 'web')
    world.remove(service, 'web')
    expect(world.settle(controller, 'web').map(outline)).toEqual(['delete web'])
  })

  it('are not created in a namespace that is being deleted', () => {
    const world = new World([serviceSketch('web')])
    world.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default', deletionTimestamp: worldTime }, spec: { finalizers: ['kubernetes'] } })
    expect(world.settle(controller, 'web')).toEqual([])
  })

  it('bear the time at which readiness changed that made them change', () => {
    const later = '2026-01-02T03:05:00Z'
    const world = new World([serviceSketch('web'), podSketch('one', { ready: false }), podSketch('two', { ips: ['10.244.0.2'] })])
    const time = () => {
      world.settle(controller, 'web')
      return world.list<Endpoints>(endpoints)[0].metadata.annotations?.[triggerTime]
    }
    expect(time()).toBe(worldTime)
    world.put(podSketch('one', { readyChanged: later }))
    expect(time()).toBe(later)
    world.remove(pod, 'two')
    expect(time()).toBeUndefined()
  })

  it('wake it when they are deleted, and when nobody is left who wants them', () => {
    const world = new World([serviceSketch('web')])
    const sketch = (name: string, labels = {}, annotations = {}) => world.put({ apiVersion: 'v1', kind: 'Endpoints', metadata: { name, labels, annotations } })
    const ours = { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' }
    const wakes = (name: string, change: { labels?: Record<string, string>; annotations?: Record<string, string>; deleted?: boolean }) =>
      world.wakes(controller, { definition: endpoints, object: sketch(name, change.labels, change.annotations), deleted: change.deleted })
    expect(wakes('web', { deleted: true })).toEqual(['default/web'])
    expect(wakes('web', { labels: ours })).toEqual([])
    expect(wakes('gone', { labels: ours })).toEqual(['default/gone'])
    expect(wakes('gone', { labels: ours, annotations: { 'control-plane.alpha.kubernetes.io/leader': '{}' } })).toEqual([])
    expect(wakes('gone', { labels: ours, deleted: true })).toEqual([])
    expect(wakes('manual', {})).toEqual([])
  })

  it.each([[[http, admin]], [[admin]]])('say the same whatever the order in which pods change, and hold every pod once: %j', (ports) => {
    const change = fc.record({ pod: fc.nat(12), ip: fc.nat(3), port: fc.constantFrom(8080, 8081), ready: fc.boolean(), gone: fc.boolean() })
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        const latest = new Map(changes.map((each) => [each.pod, each]))
        const put = (world: World, { pod: number, ip, port, ready, gone }: (typeof changes)[number]) => {
          if (gone) world.remove(pod, `pod-${number}`)
          else world.put(podSketch(`pod-${number}`, { ips: [addressOf(number * 4 + ip)], ready, ports: [['web', port]] }))
        }
        const [stepped, atOnce] = [new World([serviceSketch('web', { ports })]), new World([serviceSketch('web', { ports })])]
        for (const each of changes) {
          put(stepped, each)
          stepped.settle(controller, 'web')
        }
        for (const each of [...latest.values()].reverse()) put(atOnce, each)
        stepped.settle(controller, 'web')
        atOnce.settle(controller, 'web')
        const [found] = stepped.list<Endpoints>(endpoints)
        expect(found.subsets).toEqual(atOnce.list<Endpoints>(endpoints)[0].subsets)
        const offering = (found.subsets ?? []).filter(({ ports }) => ports?.some(({ name }) => name === 'admin'))
        const names = offering
          .flatMap(({ addresses = [], notReadyAddresses = [] }) => [...addresses, ...notReadyAddresses])
          .map(({ targetRef }) => targetRef?.name)
        expect(names.sort()).toEqual(stepped.list(pod).map(({ metadata }) => metadata.name))
      }),
      { numRuns: 100 },
    )
  })
})
