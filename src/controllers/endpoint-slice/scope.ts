// Scope: which pods and slices of a Service have to be looked at. A Service with very many pods is looked at whenever one of
// them changes; a slice that was right at the last look, and whose pods have not changed since, is right still, and costs
// nothing. A look through a narrow scope plans what a look at everything would.
import type { IPFamily, Snapshot } from '../../machinery/index.js'
import { type EndpointSlice, type Node, node, type Pod, type Service } from '../../resources/index.js'
import { podChanges, podNamed } from '../service-backends/pod-changes.js'
import type { Packing } from './packing.js'
import { familiesOf } from './service-slice.js'
import { zoneLabel } from './zone-allocation.js'

export interface Scope {
  /** In order of their names. */
  pods: readonly Pod[]
  /** Slices that say of their pods what is true, and of no others; none of their pods is in `pods`. */
  standing: ReadonlySet<EndpointSlice>
}

/** One for each family: a pod may stand well in the slices of one, and not in those of the other. */
export type Scopes = ReadonlyMap<IPFamily, Scope>

/** What one look found. Every pod that belongs in a slice is in one slice that was right, or loose. */
interface Look {
  pods: readonly Pod[]
  /** Zones of the nodes its pods run on, by the name of the node. */
  zones: ReadonlyMap<string, string | undefined>
  families: ReadonlyMap<IPFamily, FamilyLook>
}

interface FamilyLook {
  right: ReadonlySet<EndpointSlice>
  /** Names of pods in slices to be written, and of those that could not be placed. */
  loose: ReadonlySet<string>
}

// A Service that changes is another object, and everything about it has to be looked at anew.
const looks = new WeakMap<Service, Look>()

// How many lookups in the names of slices cost as much as looking at a pod.
const lookupsPerPod = 8

export interface LookResult {
  service: Service
  /** All of them. */
  pods: readonly Pod[]
  /** Of the pods in scope. */
  nodes: ReadonlyMap<string, Node>
  packed: readonly { family: IPFamily; packing: Packing }[]
  /** In scope, and left out. */
  stranded: readonly { name: string }[]
}

export function rememberLook({ service, pods, nodes, packed, stranded }: LookResult): void {
  const zones = new Map(looks.get(service)?.zones)
  for (const [name, each] of nodes) zones.set(name, each.metadata.labels?.[zoneLabel])
  const families = packed.map(({ family, packing }): [IPFamily, FamilyLook] => {
    const written = [...packing.creates, ...packing.updates].flatMap((slice) => [...namesOf(slice)])
    return [family, { right: new Set([...packing.unchanged, ...packing.standing]), loose: new Set([...written, ...stranded.map(({ name }) => name)]) }]
  })
  looks.set(service, { pods, zones, families: new Map(families) })
}

/** The scopes of a look at everything. */
export function wholeScopes(service: Service, pods: readonly Pod[]): Scopes {
  return new Map(familiesOf(service).map((family) => [family, { pods, standing: new Set<EndpointSlice>() }]))
}

export function scopesOf(service: Service, pods: readonly Pod[], slices: readonly EndpointSlice[], snapshot: Snapshot): Scopes {
  const look = looks.get(service)
  const isSameZone = ([name, zone]: [string, string | undefined]) => {
    const found = snapshot.get(node, { name })
    return found !== undefined && found.metadata.labels?.[zoneLabel] === zone
  }
  if (!look || ![...look.zones].every(isSameZone)) return wholeScopes(service, pods)
  const changed = podChanges(look.pods, pods).map(({ old, pod }) => (pod ?? old)?.metadata.name ?? '')
  return new Map(
    [...look.families].map(([family, familyLook]) => {
      const existing = slices.filter(({ addressType }) => addressType === family)
      return [family, narrowScope(familyLook, changed, existing, pods)]
    }),
  )
}

/** A look at everything when so much has changed that this is cheaper. @param changed names of pods */
function narrowScope({ right, loose }: FamilyLook, changed: readonly string[], slices: readonly EndpointSlice[], pods: readonly Pod[]): Scope {
  const present = new Set(slices)
  const other = slices.filter((slice) => !right.has(slice))
  const gone = [...right].filter((slice) => !present.has(slice))
  const names = new Set([...loose, ...changed, ...other.flatMap((slice) => [...namesIn(slice)]), ...gone.flatMap((slice) => [...namesIn(slice)])])
  // Slices that were right know nothing of loose pods.
  const touched = [...names].filter((name) => !loose.has(name))
  const standing = new Set<EndpointSlice>()
  if (touched.length * slices.length > pods.length * lookupsPerPod) return { pods, standing }
  for (const slice of slices) {
    if (!right.has(slice)) continue
    const inside = namesIn(slice)
    // An empty slice stands for nothing: the first pod takes its place.
    if (inside.size && !touched.some((name) => inside.has(name))) standing.add(slice)
    else for (const name of inside) names.add(name)
  }
  return { pods: [...names].sort().flatMap((name) => podNamed(pods, name) ?? []), standing }
}

/** Pods in some scope, each once. */
export function podsInScope(scopes: Scopes): readonly Pod[] {
  const [first, ...others] = [...scopes.values()].map(({ pods }) => pods)
  return others.length ? [...new Set([first, ...others].flat())] : (first ?? [])
}

const knownNames = new WeakMap<EndpointSlice, ReadonlySet<string>>()

/** Names of the pods of a stored slice. */
export function namesIn(slice: EndpointSlice): ReadonlySet<string> {
  const names = knownNames.get(slice) ?? namesOf(slice)
  knownNames.set(slice, names)
  return names
}

function namesOf({ endpoints }: EndpointSlice): Set<string> {
  return new Set((endpoints ?? []).map(({ targetRef }) => targetRef?.name ?? ''))
}
