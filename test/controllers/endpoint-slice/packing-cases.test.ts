// Tens of thousands of packings made by chance, each held to what packing promises.
import { expect, it } from 'vitest'
import { DesiredEndpoints } from '../../../src/controllers/endpoint-slice/desired-endpoints.js'
import { type PackingOptions, packSlices } from '../../../src/controllers/endpoint-slice/packing.js'
import { newSlice, sliceLabels } from '../../../src/controllers/endpoint-slice/service-slice.js'
import { type Backend, backendOf } from '../../../src/controllers/service-backends/backend.js'
import { type EndpointSlice, type Pod, type Service, service } from '../../../src/resources/index.js'
import { type Chance, chanceOf } from '../../support/chance.js'
import { addressOf, podSketch, serviceSketch } from '../sketches.js'
import { World } from '../world.js'

const cases = 20_000
const podsMax = 20

const world = new World([serviceSketch('web')])
const web = world.get(service, 'web') as Service

/** Each pod, ready and not. */
const backends = Array.from({ length: podsMax }, (_, number): [Backend, Backend] => {
  const backend = (ready: boolean) => backendOf(world.put(podSketch(`p-${number}`, { ips: [addressOf(number)], ready })) as Pod)
  return [backend(true), backend(false)]
})

const optionsOf = (endpointsPerSliceMax: number): PackingOptions => ({
  endpointsPerSliceMax,
  labels: sliceLabels(web),
  hasStaleLabels: () => false,
  newSlice: () => newSlice(web, 'IPv4', { ports: [] }),
})

/** Pods by number, and what each of them says. */
type Wish = ReadonlyMap<number, Backend>

function wishOf(next: Chance, before: Wish): Wish {
  const wish = new Map<number, Backend>()
  const stays = next(4)
  for (let number = 0; number < podsMax; number++) {
    const old = before.get(number)
    const isWanted = old ? next(4) <= stays : next(6) < 2
    if (isWanted) wish.set(number, old && next(5) ? old : backends[number][next(2)])
  }
  return wish
}

function pack(existing: readonly EndpointSlice[], wish: Wish, options: PackingOptions) {
  const desired = new DesiredEndpoints({ service: web, family: 'IPv4', zoneOf: () => undefined })
  for (const backend of wish.values()) desired.add(backend)
  return packSlices(existing, [], desired, options)
}

const placesOf = (slices: readonly EndpointSlice[]) =>
  new Map(slices.flatMap(({ metadata, endpoints }) => (endpoints ?? []).map(({ targetRef }) => [targetRef?.name ?? '', metadata.name ?? ''] as const)))

/** One change of the world: what stands before, and what should stand after. */
function change(existing: readonly EndpointSlice[], wish: Wish, options: PackingOptions): { problem?: string; after: EndpointSlice[] } {
  const max = options.endpointsPerSliceMax
  const { creates, updates, deletes, unchanged } = pack(existing, wish, options)
  const made = creates.map((slice, index) => ({ ...slice, metadata: { ...slice.metadata, name: `new-${count++}-${index}` } }) as EndpointSlice)
  const after = [...unchanged, ...(updates as EndpointSlice[]), ...made]
  const [before, now] = [placesOf(existing), placesOf(after)]
  const kept = new Set(after.map(({ metadata }) => metadata.name))
  const touched = existing.filter(({ endpoints }) => (endpoints ?? []).some((endpoint) => !isTrue(endpoint, wish))).length
  const joining = [...wish.values()].filter(({ name }) => !before.has(name)).length
  const again = pack(after, wish, options)
  const wrong: Record<string, boolean> = {
    'a slice has no fate or two': namesOf([...unchanged, ...updates, ...deletes]) !== namesOf(existing),
    'an endpoint is lost, stands twice or says what is not true': told(after) !== sorted([...wish.values()].map(({ name, isReady }) => `${name} ${isReady}`)),
    'a slice is too full': after.some(({ endpoints }) => (endpoints?.length ?? 0) > max),
    'an endpoint has moved': [...before].some(([name, slice]) => now.has(name) && kept.has(slice) && now.get(name) !== slice),
    'too many slices are written': updates.length + deletes.length > touched + (joining ? 1 : 0),
    'too many slices are made': creates.length > Math.ceil(joining / max),
    'a second look writes': again.creates.length + again.updates.length + again.deletes.length > 0,
  }
  return { problem: Object.keys(wrong).find((name) => wrong[name]), after }
}

let count = 0
const sorted = (texts: string[]) => texts.sort().join()
const namesOf = (slices: readonly { metadata: { name?: string } }[]) => sorted(slices.map(({ metadata }) => metadata.name ?? ''))
const told = (slices: readonly EndpointSlice[]) =>
  sorted(slices.flatMap(({ endpoints }) => (endpoints ?? []).map(({ targetRef, conditions }) => `${targetRef?.name} ${conditions?.ready}`)))

function isTrue({ targetRef, conditions }: NonNullable<EndpointSlice['endpoints']>[number], wish: Wish): boolean {
  const backend = wish.get(Number(targetRef?.name?.slice(2)))
  return backend !== undefined && backend.isReady === conditions?.ready
}

it(`${cases} changes by chance lose nothing, move nothing and write no more than they must`, () => {
  const next = chanceOf(20261126)
  let slices: EndpointSlice[] = []
  let wish: Wish = new Map()
  let options = optionsOf(1)
  for (let number = 0; number < cases; number++) {
    if (number % 20 === 0) [slices, wish, options] = [[], new Map(), optionsOf(1 + next(8))]
    wish = wishOf(next, wish)
    const { problem, after } = change(slices, wish, options)
    expect(problem && `${problem}, in case ${number}`).toBeUndefined()
    slices = after
  }
})
