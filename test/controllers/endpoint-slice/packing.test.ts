// How endpoints are spread over slices: with the fewest writes, and without moving any.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { endpointSliceController } from '../../../src/controllers/endpoint-slice/endpoint-slice-controller.js'
import { type EndpointSlice, endpointSlice, pod } from '../../../src/resources/index.js'
import { addressOf, nodeSketch, podSketch, serviceSketch } from '../sketches.js'
import { outline, World } from '../world.js'

const max = 10
const small = endpointSliceController({ maxEndpointsPerSlice: max })

const padded = (number: number) => String(number).padStart(5, '0')
const numbered = (number: number, ready = true) => podSketch(`pod-${padded(number)}`, { ips: [addressOf(number)], ready })
const namesIn = ({ endpoints }: EndpointSlice) => (endpoints ?? []).map(({ targetRef }) => targetRef?.name ?? '')

/** Slices with so many endpoints each, of pods numbered through; the slices are named a, b, c and so on. */
function packedWorld(sizes: number[]): World {
  const world = new World([nodeSketch('node-a'), serviceSketch('web')])
  let number = 0
  sizes.forEach((size, index) => {
    const alone = new World([nodeSketch('node-a'), serviceSketch('web')])
    for (let count = 0; count < size; count++) {
      world.put(numbered(number))
      alone.put(numbered(number++))
    }
    alone.settle(small, 'web')
    const [slice] = alone.list(endpointSlice)
    world.put({ ...slice, metadata: { ...slice.metadata, name: 'abcdefgh'[index] } })
  })
  return world
}

describe('packing', () => {
  it.each<{ what: string; sizes: number[]; leave: number[]; join: number; writes: string[]; becomes: number[] }>([
    { what: 'nothing', sizes: [10, 4], leave: [], join: 0, writes: [], becomes: [10, 4] },
    { what: 'a new pod that fits in', sizes: [10, 4], leave: [], join: 1, writes: ['update b'], becomes: [10, 5] },
    { what: 'new pods, into the slice they fill best', sizes: [4, 7, 6], leave: [], join: 3, writes: ['update b'], becomes: [4, 10, 6] },
    { what: 'new pods that fit in no slice as a whole', sizes: [8, 7], leave: [], join: 4, writes: ['create web-'], becomes: [8, 7, 4] },
    { what: 'new pods that fill a slice of their own', sizes: [3], leave: [], join: 10, writes: ['create web-'], becomes: [3, 10] },
    { what: 'many new pods', sizes: [3], leave: [], join: 24, writes: ['update a', 'create web-', 'create web-'], becomes: [7, 10, 10] },
    { what: 'a pod that leaves', sizes: [10, 4], leave: [2], join: 0, writes: ['update a'], becomes: [9, 4] },
    {
      what: 'half-empty slices, which stay so',
      sizes: [10, 10],
      leave: [0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15],
      join: 0,
      writes: ['update a', 'update b'],
      becomes: [4, 4],
    },
    { what: 'a slice that all pods leave', sizes: [2, 3], leave: [0, 1], join: 0, writes: ['delete a'], becomes: [3] },
    { what: 'a slice that all pods leave as others come', sizes: [2, 10], leave: [0, 1], join: 4, writes: ['update a'], becomes: [10, 4] },
    { what: 'new pods, first into what is written anyway', sizes: [9, 5], leave: [0], join: 2, writes: ['update a'], becomes: [10, 5] },
    {
      what: 'new pods, first into the fullest that is written anyway',
      sizes: [5, 8],
      leave: [0, 5],
      join: 3,
      writes: ['update a', 'update b'],
      becomes: [4, 10],
    },
  ])('of $what', ({ sizes, leave, join, writes, becomes }) => {
    const world = packedWorld(sizes)
    for (const number of leave) world.remove(pod, numbered(number).metadata.name)
    for (let count = 0; count < join; count++) world.put(numbered(1000 + count))
    expect(world.settle(small, 'web').map(outline).sort()).toEqual([...writes].sort())
    const found = world.list(endpointSlice).map(({ endpoints }) => endpoints?.length ?? 0)
    expect(found.sort()).toEqual([...becomes].sort())
  })

  type Step = { pod: number; becomes: 'ready' | 'unready' | 'gone' | 'finished' }
  const step: fc.Arbitrary<Step> = fc.record({ pod: fc.nat(40), becomes: fc.constantFrom('ready', 'unready', 'gone', 'finished') })

  function take(world: World, { pod: number, becomes }: Step): void {
    const sketch = numbered(number, becomes === 'ready')
    if (becomes === 'gone') world.remove(pod, sketch.metadata.name)
    else world.put(becomes === 'finished' ? { ...sketch, status: { ...sketch.status, phase: 'Succeeded' } } : sketch)
  }

  it('loses nothing, repeats nothing, fills no slice beyond its maximum and moves no endpoint', () => {
    fc.assert(
      fc.property(fc.array(fc.array(step, { maxLength: 25 }), { maxLength: 8 }), fc.integer({ min: 1, max: 12 }), (rounds, maxEndpointsPerSlice) => {
        const controller = endpointSliceController({ maxEndpointsPerSlice })
        const world = new World([nodeSketch('node-a'), serviceSketch('web')])
        for (const round of rounds) {
          const before = world.list(endpointSlice)
          for (const each of round) take(world, each)
          world.settle(controller, 'web')
          const after = world.list(endpointSlice)
          const wanted = world.list(pod).filter(({ status }) => status.phase === 'Running')
          const placed = after.flatMap(({ endpoints }) => endpoints ?? [])
          expect(placed.map(({ targetRef }) => targetRef?.name).sort()).toEqual(wanted.map(({ metadata }) => metadata.name))
          expect(Math.max(...after.map(({ endpoints }) => endpoints?.length ?? 0))).toBeLessThanOrEqual(maxEndpointsPerSlice)
          for (const { targetRef, conditions } of placed) {
            const { status } = wanted.find(({ metadata }) => metadata.name === targetRef?.name) ?? {}
            expect(conditions.ready).toBe(status?.conditions?.[0].status === 'True')
          }
          expect(movedBetween(before, after)).toEqual([])
        }
      }),
      { numRuns: 150 },
    )
  })

  /** Pods that stood in a slice and stand in another now, though the slice is still there. */
  function movedBetween(before: EndpointSlice[], after: EndpointSlice[]): string[] {
    const sliceOf = (slices: EndpointSlice[]) => new Map(slices.flatMap((slice) => namesIn(slice).map((name) => [name, slice.metadata.name] as const)))
    const [old, now] = [sliceOf(before), sliceOf(after)]
    return [...now].filter(([name, slice]) => old.has(name) && old.get(name) !== slice).map(([name]) => name)
  }

  it('writes one slice for one changed pod among 20,000', () => {
    const controller = endpointSliceController({ maxEndpointsPerSlice: 100 })
    const world = new World([nodeSketch('node-a'), serviceSketch('web')])
    for (let number = 0; number < 20_000; number++) world.put(numbered(number))
    expect(world.settle(controller, 'web')).toHaveLength(200)
    world.put(numbered(12_345, false))
    const writes = world.settle(controller, 'web')
    expect(writes.map(({ verb }) => verb)).toEqual(['update'])
    expect(world.list(endpointSlice).map(({ endpoints }) => endpoints?.length)).toEqual(Array(200).fill(100))
  })
})
