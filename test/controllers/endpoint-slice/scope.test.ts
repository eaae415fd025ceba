// What was in order is not looked at again, and nobody can tell.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { endpointSliceController } from '../../../src/controllers/endpoint-slice/endpoint-slice-controller.js'
import { observeService } from '../../../src/controllers/endpoint-slice/observed-service.js'
import { deepCopy, type Plan, type Snapshot } from '../../../src/machinery/index.js'
import { type EndpointSlice, endpointSlice, node, pod, service } from '../../../src/resources/index.js'
import { addressOf, nodeSketch, podSketch, serviceSketch } from '../sketches.js'
import { World } from '../world.js'

const controller = endpointSliceController({ maxEndpointsPerSlice: 5 })
const key = { namespace: 'default', name: 'web' }

/** A Service that no look was ever taken at, in the same world. */
function unknown(snapshot: Snapshot): Snapshot {
  return {
    ...snapshot,
    get: (definition, wanted) => (definition.key === service.key ? deepCopy(snapshot.get(definition, wanted)) : snapshot.get(definition, wanted)) as never,
  }
}

function wholePlan(world: World): Plan {
  const observed = observeService(key, unknown(world.snapshot()))
  return observed ? controller.reconcile(observed) : { writes: [] }
}

function openWorld(spec = {}): World {
  const ports = [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 'web' }]
  return new World([nodeSketch('node-a', { zone: 'zone-a' }), nodeSketch('node-b', { zone: 'zone-b' }), serviceSketch('web', { ports, ...spec })])
}

const putPod = (world: World, number: number, { ready = true, port = 8080, on = 'node-a' } = {}) =>
  world.put(podSketch(`pod-${number}`, { ips: [addressOf(number), `fd00::${number.toString(16)}`], ready, node: on, ports: [['web', port]] }))

describe('a look through a narrow scope', () => {
  const podStep = fc.record({
    what: fc.constant('pod' as const),
    number: fc.nat(40),
    port: fc.constantFrom(8080, 8080, 8080, 8081),
    ready: fc.boolean(),
    on: fc.constantFrom('node-a', 'node-b'),
    isGone: fc.boolean(),
  })
  const sliceStep = fc.record({ what: fc.constantFrom('lose an endpoint', 'repeat another slice', 'delete the slice'), slice: fc.nat(20), other: fc.nat(20) })
  const nodeStep = fc.record({ what: fc.constant('zone' as const), zone: fc.constantFrom('zone-b', 'zone-c') })
  const step = fc.oneof({ weight: 12, arbitrary: podStep }, { weight: 2, arbitrary: sliceStep }, { weight: 1, arbitrary: nodeStep })
  // Not every plan is carried out: the world may have moved on.
  const round = fc.record({ steps: fc.array(step, { maxLength: 6 }), isPerformed: fc.boolean() })
  type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

  function take(world: World, each: Step): void {
    if (each.what === 'pod' && 'number' in each) {
      if (each.isGone) world.remove(pod, `pod-${each.number}`)
      else putPod(world, each.number, each)
    } else if ('zone' in each) world.put(nodeSketch('node-b', { zone: each.zone }))
    else if ('slice' in each) tamper(world, each.what, each)
  }

  function tamper(world: World, what: string, { slice: index, other: otherIndex }: { slice: number; other: number }): void {
    const slices = world.list<EndpointSlice>(endpointSlice)
    const [slice, other] = [slices[index % slices.length], slices[otherIndex % slices.length]]
    const { endpoints } = slice ?? {}
    if (!endpoints?.length) return
    if (what === 'delete the slice') world.remove(endpointSlice, slice.metadata.name ?? '')
    else if (what === 'lose an endpoint' && endpoints.length > 1) world.put({ ...slice, endpoints: endpoints.slice(1) })
    else if (what === 'repeat another slice') world.put({ ...slice, endpoints: [...endpoints, ...(other.endpoints ?? [])] })
  }

  it.each([{}, { ipFamilies: ['IPv4', 'IPv6'] }, { trafficDistribution: 'PreferSameNode' }])('plans what a look at everything plans: %o', (spec) => {
    fc.assert(
      fc.property(fc.array(round, { minLength: 2, maxLength: 8 }), (rounds) => {
        const world = openWorld(spec)
        for (let number = 0; number < 30; number++) putPod(world, number)
        world.settle(controller, 'web')
        for (const { steps, isPerformed } of rounds) {
          for (const each of steps) take(world, each)
          const whole = wholePlan(world)
          expect(world.plan(controller, key)).toEqual(whole)
          if (isPerformed) world.settle(controller, 'web')
        }
      }),
      { numRuns: 80 },
    )
  })

  it('holds the pods of one slice when one of them changes, and of no slice when nothing does', () => {
    const world = openWorld()
    for (let number = 0; number < 50; number++) putPod(world, number)
    world.settle(controller, 'web')
    const counted = () => {
      const scope = observeService(key, world.snapshot())?.scopes.get('IPv4')
      return [scope?.pods.length, scope?.standing.size]
    }
    expect(counted()).toEqual([0, 10])
    putPod(world, 7, { ready: false })
    expect(counted()).toEqual([5, 9])
    world.settle(controller, 'web')
    putPod(world, 77)
    expect(counted()).toEqual([1, 10])
  })

  it.each<[what: string, change: (world: World) => void]>([
    ['the Service changes', (world) => world.put(serviceSketch('web', { publishNotReadyAddresses: true }))],
    ['a node moves to another zone', (world) => world.put(nodeSketch('node-a', { zone: 'zone-b' }))],
    ['a node goes', (world) => world.remove(node, 'node-a')],
  ])('is not enough when %s', (_what, change) => {
    const world = openWorld()
    for (let number = 0; number < 20; number++) putPod(world, number)
    world.settle(controller, 'web')
    change(world)
    expect(observeService(key, world.snapshot())?.scopes.get('IPv4')?.pods).toHaveLength(20)
  })
})
