// Hand-made Endpoints, told as slices.
import { describe, expect, it } from 'vitest'
import { endpointSliceMirroringController as controller } from '../../../src/controllers/endpoint-slice-mirroring/endpoint-slice-mirroring-controller.js'
import type { Plain } from '../../../src/machinery/index.js'
import { type EndpointSlice, endpointSlice, endpoints, service } from '../../../src/resources/index.js'
import { serviceSketch } from '../sketches.js'
import { outline, World, worldTime } from '../world.js'

const bare = serviceSketch('db', { selector: undefined })
const ports = [{ name: 'db', port: 5432, protocol: 'TCP' }]
const ips = (...texts: string[]) => texts.map((ip) => ({ ip }))
const manual = (subsets: Plain[] | undefined, metadata: Plain = {}) => ({ apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'db', ...metadata }, subsets })

/** Slices in few words: family, ports, endpoints with a mark on those that are not ready. */
const inWords = (world: World) =>
  world
    .list<EndpointSlice>(endpointSlice)
    .map(({ addressType, ports: found, endpoints: listed }) => [
      addressType,
      (found ?? []).map(({ port }) => port).join(),
      (listed ?? []).map(({ addresses, conditions }) => `${addresses?.join()}${conditions.ready ? '' : '!'}`).join(' '),
    ])

describe('a mirrored slice', () => {
  it('says what the Endpoints say', () => {
    const targetRef = { kind: 'Pod', name: 'one', namespace: 'default', uid: 'uid-one' }
    const world = new World([bare])
    world.put(
      manual(
        [{ addresses: [{ ip: '192.0.2.2', hostname: 'two', nodeName: 'node-a', targetRef }, { ip: '192.0.2.1' }], notReadyAddresses: ips('192.0.2.3'), ports }],
        {
          labels: { a: 'b', 'endpointslice.kubernetes.io/managed-by': 'lie' },
          annotations: {
            note: 'kept',
            'endpoints.kubernetes.io/last-change-trigger-time': worldTime,
            'kubectl.kubernetes.io/last-applied-configuration': '{}',
          },
        },
      ),
    )
    expect(world.settle(controller, 'db').map(outline)).toEqual(['create db-'])
    expect(world.list(endpointSlice)).toMatchObject([
      {
        metadata: {
          generateName: 'db-',
          ownerReferences: [{ apiVersion: 'v1', kind: 'Endpoints', name: 'db', uid: 'uid-db', controller: true, blockOwnerDeletion: true }],
        },
        addressType: 'IPv4',
        ports,
        endpoints: [
          { addresses: ['192.0.2.1'], conditions: { ready: true } },
          { addresses: ['192.0.2.2'], conditions: { ready: true }, hostname: 'two', nodeName: 'node-a', targetRef },
          { addresses: ['192.0.2.3'], conditions: { ready: false } },
        ],
      },
    ])
    const [{ metadata, endpoints: listed }] = world.list<EndpointSlice>(endpointSlice)
    expect(metadata.annotations).toEqual({ note: 'kept' })
    expect(metadata.labels).toEqual({
      a: 'b',
      'kubernetes.io/service-name': 'db',
      'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
    })
    expect(listed?.[0].conditions).toEqual({ ready: true })
  })

  it.each<[what: string, subsets: Plain[] | undefined, slices: string[][]]>([
    ['no subsets', undefined, []],
    [
      'both families',
      [{ addresses: ips('192.0.2.1', '2001:db8::1'), ports }],
      [
        ['IPv4', '5432', '192.0.2.1'],
        ['IPv6', '5432', '2001:db8::1'],
      ],
    ],
    [
      'subsets of other ports',
      [
        { addresses: ips('192.0.2.1'), ports },
        { addresses: ips('192.0.2.2'), ports: [{ port: 80, protocol: 'TCP' }] },
      ],
      [
        ['IPv4', '80', '192.0.2.2'],
        ['IPv4', '5432', '192.0.2.1'],
      ],
    ],
    [
      'one address in two subsets',
      [
        { addresses: ips('192.0.2.1'), ports },
        { notReadyAddresses: ips('192.0.2.1'), ports },
      ],
      [['IPv4', '5432', '192.0.2.1!']],
    ],
    ['no ports', [{ addresses: ips('192.0.2.1') }], [['IPv4', '', '192.0.2.1']]],
    ['an address written in an old way', [{ addresses: ips('192.0.02.1'), ports }], [['IPv4', '5432', '192.0.2.1']]],
  ])('is made for each family and set of ports: %s', (_what, subsets, slices) => {
    const world = new World([bare])
    world.put(manual(subsets))
    world.settle(controller, 'db')
    expect(inWords(world)).toEqual(slices)
  })
})

describe('the slices of hand-made Endpoints', () => {
  function mirrored(): World {
    const world = new World([bare])
    world.put(manual([{ addresses: ips('192.0.2.1'), ports }]))
    world.settle(controller, 'db')
    return world
  }

  it.each<[what: string, change: (world: World) => void]>([
    ['an address comes', (world) => world.put(manual([{ addresses: ips('192.0.2.1', '192.0.2.2'), ports }]))],
    ['an address stops being ready', (world) => world.put(manual([{ notReadyAddresses: ips('192.0.2.1'), ports }]))],
    ['the ports change', (world) => world.put(manual([{ addresses: ips('192.0.2.1'), ports: [{ port: 80, protocol: 'TCP' }] }]))],
    ['a label comes', (world) => world.put(manual([{ addresses: ips('192.0.2.1'), ports }], { labels: { a: 'b' } }))],
    ['an annotation comes', (world) => world.put(manual([{ addresses: ips('192.0.2.1'), ports }], { annotations: { a: 'b' } }))],
    ['they are made anew', (world) => world.put(manual([{ addresses: ips('192.0.2.1'), ports }], { uid: 'uid-new' }))],
    ['somebody edits the slice', (world) => world.put({ ...world.list<EndpointSlice>(endpointSlice)[0], endpoints: [] })],
  ])('are written again under their name when %s', (_what, change) => {
    const world = mirrored()
    const [{ metadata }] = world.list(endpointSlice)
    change(world)
    expect(world.settle(controller, 'db').map(outline)).toEqual([`update ${metadata.name}`])
  })

  it.each<[what: string, change: (world: World) => void]>([
    ['the Endpoints go', (world) => world.remove(endpoints, 'db')],
    ['the Service goes', (world) => world.remove(service, 'db')],
    ['the Service selects pods', (world) => world.put(serviceSketch('db'))],
    [
      'they are not to be mirrored',
      (world) => world.put(manual([{ addresses: ips('192.0.2.1'), ports }], { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } })),
    ],
    [
      'they hold an election',
      (world) => world.put(manual([{ addresses: ips('192.0.2.1'), ports }], { annotations: { 'control-plane.alpha.kubernetes.io/leader': '{}' } })),
    ],
    ['their subsets go', (world) => world.put(manual(undefined))],
  ])('go when %s', (_what, change) => {
    const world = mirrored()
    change(world)
    expect(world.settle(controller, 'db').map(({ verb }) => verb)).toEqual(['delete'])
  })

  it('keep the first of two that say the same', () => {
    const world = mirrored()
    const [slice] = world.list<EndpointSlice>(endpointSlice)
    world.put({ ...slice, metadata: { ...slice.metadata, name: 'db-zzzzz' } })
    expect(world.settle(controller, 'db').map(outline)).toEqual(['delete db-zzzzz'])
  })

  it('are made for an ExternalName Service too, and for no other than a namesake', () => {
    const world = mirrored()
    world.put(serviceSketch('db', { type: 'ExternalName', externalName: 'example.com', selector: undefined }))
    expect(world.settle(controller, 'db')).toEqual([])
    world.put({ ...manual([{ addresses: ips('192.0.2.1'), ports }]), metadata: { name: 'alone' } })
    expect(world.settle(controller, 'alone')).toEqual([])
  })

  it('leave slices of others alone', () => {
    const world = mirrored()
    const [{ metadata, ...slice }] = world.list<EndpointSlice>(endpointSlice)
    const manager = { 'endpointslice.kubernetes.io/managed-by': 'somebody' }
    const other = world.put({ ...slice, metadata: { name: 'other', labels: { ...metadata.labels, ...manager } }, endpoints: [] })
    expect(world.settle(controller, 'db')).toEqual([])
    expect(world.get(endpointSlice, 'other')).toBe(other)
  })

  it('hold a thousand addresses of a subset, ready ones first, and the rest is told once', () => {
    const addresses = (count: number, third: number) => Array.from({ length: count }, (_, index) => ({ ip: `192.0.${third + (index >> 8)}.${index & 255}` }))
    const world = new World([bare])
    world.put(manual([{ addresses: addresses(700, 10), notReadyAddresses: addresses(500, 20), ports }]))
    expect(world.settle(controller, 'db').map(outline)).toEqual([
      'create db-',
      'event Warning TooManyAddressesToMirror: A max of 1000 addresses can be mirrored to EndpointSlices per Endpoints subset. 200 addresses were skipped',
    ])
    const [{ endpoints: listed = [] }] = world.list<EndpointSlice>(endpointSlice)
    expect([listed?.length, listed?.filter(({ conditions }) => conditions.ready).length]).toEqual([1000, 700])
  })

  it('skip what is no address, and say so', () => {
    const world = new World([bare])
    world.put(manual([{ addresses: ips('192.0.2.1', 'x', 'y'), ports }]))
    expect(world.settle(controller, 'db').map(outline)).toEqual([
      'create db-',
      'event Warning InvalidIPAddress: Skipped 2 invalid IP addresses when mirroring to EndpointSlices',
    ])
    expect(inWords(world)).toEqual([['IPv4', '5432', '192.0.2.1']])
  })

  it('are not created in a namespace that is being deleted', () => {
    const world = new World([bare])
    world.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default', deletionTimestamp: worldTime }, spec: { finalizers: ['kubernetes'] } })
    world.put(manual([{ addresses: ips('192.0.2.1'), ports }]))
    expect(world.settle(controller, 'db')).toEqual([])
  })

  it('are looked at when Endpoints or a Service without a selector change, and not for others', () => {
    const world = new World([bare, serviceSketch('web')])
    const of = (name: string, metadata: Plain = {}) => world.put({ apiVersion: 'v1', kind: 'Endpoints', metadata: { name, ...metadata } })
    const skipped = { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } }
    const forEndpoints = [
      world.wakes(controller, { definition: endpoints, object: of('db') }),
      world.wakes(controller, { definition: endpoints, object: of('web') }),
      world.wakes(controller, { definition: endpoints, object: of('db', skipped) }),
      world.wakes(controller, { definition: endpoints, old: of('db'), object: of('db', skipped) }),
      world.wakes(controller, { definition: endpoints, object: of('db'), deleted: true }),
    ]
    expect(forEndpoints).toEqual([['default/db'], [], [], ['default/db'], ['default/db']])
    const [without, selecting] = [world.put(bare), world.put(serviceSketch('db'))]
    const forServices = [
      world.wakes(controller, { definition: service, object: without }),
      world.wakes(controller, { definition: service, object: selecting }),
      world.wakes(controller, { definition: service, old: without, object: selecting }),
      world.wakes(controller, { definition: service, old: without, object: without }),
      world.wakes(controller, { definition: service, old: without, object: without, deleted: true }),
    ]
    expect(forServices).toEqual([['default/db'], [], ['default/db'], [], ['default/db']])
  })
})
