// Hints: for which zone, or which node, an endpoint is meant.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { endpointSliceController } from '../../../src/controllers/endpoint-slice/endpoint-slice-controller.js'
import { type EndpointSlice, endpointSlice, node, pod } from '../../../src/resources/index.js'
import { addressOf, nodeSketch, podSketch, serviceSketch } from '../sketches.js'
import { outline, World } from '../world.js'

const controller = endpointSliceController({ maxEndpointsPerSlice: 100 })
const small = endpointSliceController({ maxEndpointsPerSlice: 4 })

const auto = { annotations: { 'service.kubernetes.io/topology-mode': 'Auto' } }
const endpointsOf = (world: World) => world.list<EndpointSlice>(endpointSlice).flatMap(({ endpoints }) => endpoints ?? [])
const hintsOf = (world: World) => Object.fromEntries(endpointsOf(world).map(({ targetRef, hints }) => [targetRef?.name, hints]))

/** One node in each zone: `a` in zone-a and so on. */
function zonedWorld(cpus: Record<string, string>, podsOn: Record<string, number>, metadata = auto): World {
  const world = new World([serviceSketch('web', {}, metadata)])
  for (const [name, cpu] of Object.entries(cpus)) world.put(nodeSketch(name, { zone: `zone-${name}`, cpu }))
  let number = 0
  for (const [name, count] of Object.entries(podsOn)) {
    for (let index = 0; index < count; index++) world.put(podSketch(`${name}-${String(index).padStart(3, '0')}`, { node: name, ips: [addressOf(number++)] }))
  }
  return world
}

function countByHint(world: World): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { hints } of endpointsOf(world)) {
    const zone = hints?.forZones?.[0].name ?? 'none'
    counts[zone] = (counts[zone] ?? 0) + 1
  }
  return counts
}

describe('traffic distribution', () => {
  const zone = { forZones: [{ name: 'zone-1' }] }
  const both = { ...zone, forNodes: [{ name: 'node-a' }] }

  it.each([
    ['PreferClose', zone],
    ['PreferSameZone', zone],
    ['PreferSameNode', both],
    [undefined, undefined],
  ])('%s hints a ready endpoint at where it runs', (trafficDistribution, hints) => {
    const world = new World([
      nodeSketch('node-a', { zone: 'zone-1' }),
      serviceSketch('web', { trafficDistribution }),
      podSketch('ready'),
      podSketch('unready', { ready: false, ips: ['10.244.0.2'] }),
    ])
    world.settle(controller, 'web')
    expect(hintsOf(world)).toEqual({ ready: hints, unready: undefined })
  })

  it('says nothing of a zone that the node does not name', () => {
    const world = new World([nodeSketch('node-a'), serviceSketch('web', { trafficDistribution: 'PreferSameNode' }), podSketch('one')])
    world.settle(controller, 'web')
    expect(hintsOf(world)).toEqual({ one: { forNodes: [{ name: 'node-a' }] } })
  })

  it('comes and goes with the field, in slices nothing else would change', () => {
    const world = new World([nodeSketch('node-a', { zone: 'zone-1' }), serviceSketch('web'), podSketch('one')])
    world.settle(controller, 'web')
    const seen = ['PreferSameNode', 'PreferSameZone', undefined].map((trafficDistribution) => {
      world.put(serviceSketch('web', { trafficDistribution }))
      expect(world.settle(controller, 'web')).toHaveLength(1)
      return hintsOf(world).one
    })
    expect(seen).toEqual([both, zone, undefined])
  })

  it('gives way to the annotation, and the newer annotation to the older', () => {
    const modes = (annotations: Record<string, string>) => {
      const world = zonedWorld({ a: '4', b: '4' }, { a: 2, b: 2 }, { annotations } as never)
      world.put(serviceSketch('web', { trafficDistribution: 'PreferSameNode' }, { annotations }))
      world.settle(controller, 'web')
      return endpointsOf(world).every(({ hints }) => hints?.forNodes) ? 'field' : 'annotation'
    }
    const [newer, older] = ['service.kubernetes.io/topology-mode', 'service.kubernetes.io/topology-aware-hints']
    expect([{ [newer]: 'Auto' }, { [newer]: 'auto' }, { [newer]: 'AUTO' }, { [newer]: 'Auto', [older]: 'Disabled' }, { [older]: 'auto' }].map(modes)).toEqual([
      'annotation',
      'annotation',
      'field',
      'field',
      'annotation',
    ])
  })
})

describe('topology aware hints', () => {
  it.each<{ what: string; cpus: Record<string, string>; pods: Record<string, number>; hints: Record<string, number> }>([
    { what: 'keeps pods in their zones when these are even', cpus: { a: '4', b: '4' }, pods: { a: 3, b: 3 }, hints: { 'zone-a': 3, 'zone-b': 3 } },
    { what: 'gives endpoints to a zone without pods', cpus: { a: '4', b: '4' }, pods: { a: 6, b: 0 }, hints: { 'zone-a': 3, 'zone-b': 3 } },
    { what: 'goes by the share of CPUs', cpus: { a: '1500m', b: '500m' }, pods: { a: 4, b: 4 }, hints: { 'zone-a': 6, 'zone-b': 2 } },
    { what: 'leaves alone what is off by less than one', cpus: { a: '4', b: '4' }, pods: { a: 4, b: 3 }, hints: { 'zone-a': 4, 'zone-b': 3 } },
    { what: 'serves three zones', cpus: { a: '2', b: '2', c: '2' }, pods: { a: 7, b: 1, c: 1 }, hints: { 'zone-a': 3, 'zone-b': 3, 'zone-c': 3 } },
  ])('$what', ({ cpus, pods, hints }) => {
    const world = zonedWorld(cpus, pods)
    expect(world.settle(controller, 'web').map(outline)).toEqual([
      'create web-',
      'event Normal TopologyAwareHintsEnabled: Topology Aware Hints has been enabled, addressType: IPv4',
    ])
    expect(countByHint(world)).toEqual(hints)
  })

  const nodeInformation = 'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes'
  it.each<[what: string, cpus: Record<string, string>, pods: Record<string, number>, problem: string]>([
    ['there are fewer endpoints than zones', { a: '4', b: '4', c: '4' }, { a: 1, b: 1 }, 'Insufficient number of endpoints (2 endpoints, 3 zones)'],
    ['there is no endpoint', { a: '4', b: '4' }, {}, 'Insufficient number of endpoints (0 endpoints, 2 zones)'],
    [
      'some zone would get too much',
      { a: '10', b: '1' },
      { a: 1, b: 1 },
      'Unable to allocate minimum required endpoints to each zone without exceeding overload threshold (2 endpoints, 2 zones)',
    ],
    ['there is one zone', { a: '4' }, { a: 2 }, nodeInformation],
    ['a node does not say its CPUs', { a: '4', b: '0' }, { a: 2, b: 2 }, nodeInformation],
  ])('says why there are none when %s', (_what, cpus, pods, problem) => {
    const world = zonedWorld(cpus, pods)
    expect(world.settle(controller, 'web').map(outline).at(-1)).toBe(`event Warning TopologyAwareHintsDisabled: ${problem}, addressType: IPv4`)
    expect(Object.values(hintsOf(world)).filter(Boolean)).toEqual([])
  })

  it('says why there are none when an endpoint has no zone', () => {
    const world = zonedWorld({ a: '4', b: '4' }, { a: 3, b: 2 })
    world.put(nodeSketch('control', { labels: { 'node-role.kubernetes.io/control-plane': '' } }))
    world.put(podSketch('odd', { node: 'control', ips: ['10.244.9.9'] }))
    expect(world.settle(controller, 'web').map(outline).at(-1)).toBe(
      'event Warning TopologyAwareHintsDisabled: One or more endpoints do not have a zone specified, addressType: IPv4',
    )
  })

  it('counts no node that is not ready or belongs to the control plane', () => {
    const world = zonedWorld({ a: '4', b: '4' }, { a: 2, b: 2 })
    world.put(nodeSketch('c', { zone: 'zone-c', ready: false }))
    world.put(nodeSketch('d', { zone: 'zone-d', labels: { 'node-role.kubernetes.io/control-plane': '' } }))
    world.settle(controller, 'web')
    expect(countByHint(world)).toEqual({ 'zone-a': 2, 'zone-b': 2 })
  })

  it('come, go and are told in turn', () => {
    const world = zonedWorld({ a: '4', b: '4' }, { a: 2, b: 2 })
    const told = () => world.settle(controller, 'web').flatMap((write) => (write.verb === 'event' ? [write.event.message] : []))
    expect(told()).toEqual(['Topology Aware Hints has been enabled, addressType: IPv4'])
    world.remove(node, 'b')
    for (const name of ['b-000', 'b-001']) world.remove(pod, name)
    expect(told()).toEqual([`${nodeInformation}, addressType: IPv4`])
    expect(countByHint(world)).toEqual({ none: 2 })
    world.put(nodeSketch('b', { zone: 'zone-b' }))
    expect(told()).toEqual(['Topology Aware Hints has been enabled, addressType: IPv4'])
    expect(countByHint(world)).toEqual({ 'zone-a': 1, 'zone-b': 1 })
    world.put(serviceSketch('web'))
    expect(told()).toEqual(['Topology Aware Hints has been disabled, addressType: IPv4'])
    expect(countByHint(world)).toEqual({ none: 2 })
    expect(told()).toEqual([])
  })

  it('leave slices alone whose hints do no harm', () => {
    const world = zonedWorld({ a: '4', b: '4' }, { a: 6, b: 6 })
    world.settle(small, 'web')
    world.put(podSketch('b-001', { node: 'b', ips: [addressOf(7)], ready: false }))
    expect(world.settle(small, 'web').map(outline)).toHaveLength(1)
  })

  it('settle for any pods and nodes, and hint every ready endpoint at a zone or none at all', () => {
    const zones = ['a', 'b', 'c']
    const round = fc.array(fc.record({ pod: fc.nat(14), on: fc.constantFrom(...zones), ready: fc.boolean() }), { maxLength: 10 })
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 3, maxLength: 3 }), fc.array(round, { maxLength: 4 }), (cpus, rounds) => {
        const world = zonedWorld(Object.fromEntries(zones.map((name, index) => [name, String(cpus[index])])), {})
        for (const changes of rounds) {
          for (const { pod: number, on, ready } of changes) world.put(podSketch(`pod-${number}`, { node: on, ready, ips: [addressOf(number)] }))
          // What was right for some slices may be too much beside what others got.
          world.settle(small, 'web', { roundsMax: 3 })
          const ready = endpointsOf(world).filter(({ conditions }) => conditions.ready)
          const hinted = ready.filter(({ hints }) => hints?.forZones)
          expect([0, ready.length]).toContain(hinted.length)
        }
      }),
      { numRuns: 100 },
    )
  })
})
