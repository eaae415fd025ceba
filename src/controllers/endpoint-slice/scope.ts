// Scope: which pods and slices of a Service have to be looked at. A Service with very many pods is looked at whenever one of
// them changes; what was in order at the last look and has not changed since is in order still, and costs nothing.
// A look through a narrow scope plans what a look at everything would.
import type { IPFamily, Snapshot } from '../../machinery/index.js'
import { type EndpointSlice, type Node, node, type Pod, type Service } from '../../resources/index.js'
import { podChanges, podNamed } from '../service-backends/pod-changes.js'
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

/** A look that found every slice as it should be. */
interface Look {
  pods: readonly Pod[]
  slices: readonly EndpointSlice[]
  /** Zones of the nodes its pods run on, by the name of the node. */
  zones: ReadonlyMap<string, string | undefined>
}

// A Service that changes is another object, and everything about it has to be looked at anew.
const looks = new WeakMap<Service, Look>()

/** To be called when nothing about the slices has to be written. @param look with the nodes of the pods in its scope */
export function rememberLook({ service, pods, slices, nodes }: Omit<Look, 'zones'> & { service: Service; nodes: ReadonlyMap<string, Node> }): void {
  const zones = new Map(looks.get(service)?.zones)
  for (const [name, each] of nodes) zones.set(name, each.metadata.labels?.[zoneLabel])
  looks.set(service, { pods, slices, zones })
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
    familiesOf(service).map((family) => {
      const isOf = ({ addressType }: EndpointSlice) => addressType === family
      return [family, narrowScope(changed, look.slices.filter(isOf), slices.filter(isOf), pods)]
    }),
  )
}

/** Pods in some scope, each once. */
export function podsInScope(scopes: Scopes): readonly Pod[] {
  const [first, ...others] = [...scopes.values()].map(({ pods }) => pods)
  return others.length ? [...new Set([first, ...others].flat())] : (first ?? [])
}

/** A look at everything when so much has changed that this is cheaper. @param changed names of pods */
function narrowScope(changed: readonly string[], before: readonly EndpointSlice[], after: readonly EndpointSlice[], pods: readonly Pod[]): Scope {
  const { same, touched, names } = sliceChanges(before, after)
  for (const name of changed) touched.add(name)
  const standing = new Set<EndpointSlice>()
  if (touched.size * after.length > pods.length) return { pods, standing }
  for (const slice of same) {
    const inside = namesIn(slice)
    // An empty slice stands for nothing: the first pod takes its place.
    if (inside.size && ![...touched].some((name) => inside.has(name))) standing.add(slice)
    else for (const name of inside) names.add(name)
  }
  for (const name of touched) names.add(name)
  return { pods: [...names].sort().flatMap((name) => podNamed(pods, name) ?? []), standing }
}

/**
 * Slices that are the same as before; pods that stand in other slices than before, of which the same slices may know too; and
 * all pods of the slices that are not the same.
 */
function sliceChanges(before: readonly EndpointSlice[], after: readonly EndpointSlice[]): { same: EndpointSlice[]; touched: Set<string>; names: Set<string> } {
  const left = new Map(before.map((slice) => [slice.metadata.name, slice]))
  const same: EndpointSlice[] = []
  const [touched, names] = [new Set<string>(), new Set<string>()]
  for (const slice of after) {
    const old = left.get(slice.metadata.name)
    left.delete(slice.metadata.name)
    if (old === slice) {
      same.push(slice)
      continue
    }
    const known = old && namesIn(old)
    for (const name of known ?? []) names.add(name)
    for (const name of namesIn(slice)) {
      names.add(name)
      if (!known?.has(name)) touched.add(name)
    }
  }
  for (const gone of left.values()) for (const name of namesIn(gone)) names.add(name)
  return { same, touched, names }
}

const names = new WeakMap<EndpointSlice, ReadonlySet<string>>()

/** Names of the pods of a slice. */
export function namesIn(slice: EndpointSlice): ReadonlySet<string> {
  const known = names.get(slice)
  if (known) return known
  const found = new Set((slice.endpoints ?? []).map(({ targetRef }) => targetRef?.name ?? ''))
  names.set(slice, found)
  return found
}
