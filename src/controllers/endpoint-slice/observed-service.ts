// ObservedService: all that the slices of one Service follow from.
import type { ObjectKey, Snapshot } from '../../machinery/index.js'
import { type EndpointSlice, type Event, type Node, namespace as namespaceDefinition, node, type Pod, type Service, service } from '../../resources/index.js'
import { hasManagedEndpoints, podsBehind, slicesOf } from '../service-backends/indexes.js'
import { eventsAbout } from '../service-backends/recorded-events.js'
import { podsInScope, type Scopes, scopesOf, wholeScopes } from './scope.js'
import { sliceManager } from './service-slice.js'
import { hasHints, hintModeOf } from './traffic-distribution.js'

export interface ObservedService {
  service: Service
  /** Those it selects, finished ones too, in order of their names. */
  pods: readonly Pod[]
  /** Those of this controller that are not being deleted. */
  slices: readonly EndpointSlice[]
  scopes: Scopes
  /** Nodes the pods in scope run on, by name. */
  nodes: ReadonlyMap<string, Node>
  /** All nodes; gathered for topology aware hints only. */
  allNodes: readonly Node[]
  /** What was said of the Service, oldest first; gathered when there may be something to say. */
  events: readonly Event[]
  isNamespaceTerminating: boolean
  /** Milliseconds since the epoch. */
  now: number
}

/** Why this controller speaks of a Service. */
export const reasons = {
  failed: 'FailedToUpdateEndpointSlices',
  hintsEnabled: 'TopologyAwareHintsEnabled',
  hintsDisabled: 'TopologyAwareHintsDisabled',
} as const

export function observeService({ namespace, name }: ObjectKey, snapshot: Snapshot): ObservedService | undefined {
  const owner = snapshot.get(service, { namespace, name })
  if (!owner || !hasManagedEndpoints(owner)) return undefined
  const pods = podsBehind(owner, snapshot)
  const slices = slicesOf({ namespace, name }, sliceManager, snapshot)
  const mode = hintModeOf(owner)
  // Zones are filled over all slices together.
  const scopes = mode === 'auto' ? wholeScopes(owner, pods) : scopesOf(owner, pods, slices, snapshot)
  const { nodes, areAllKnown } = nodesOf(podsInScope(scopes), snapshot)
  const isInScope = (slice: EndpointSlice) => ![...scopes.values()].some(({ standing }) => standing.has(slice))
  const mayHaveNews = mode === 'auto' || (mode === 'none' && slices.some((slice) => isInScope(slice) && hasHints(slice))) || !areAllKnown
  return {
    service: owner,
    pods,
    slices,
    scopes,
    nodes,
    allNodes: mode === 'auto' ? snapshot.list(node) : [],
    events: mayHaveNews ? eventsAbout(owner, Object.values(reasons), snapshot) : [],
    isNamespaceTerminating: snapshot.get(namespaceDefinition, { name: namespace })?.metadata.deletionTimestamp !== undefined,
    now: snapshot.now,
  }
}

function nodesOf(pods: readonly Pod[], snapshot: Snapshot): { nodes: Map<string, Node>; areAllKnown: boolean } {
  const nodes = new Map<string, Node>()
  const missing = new Set<string>()
  for (const { spec } of pods) {
    const name = spec.nodeName ?? ''
    if (nodes.has(name) || missing.has(name)) continue
    const found = name ? snapshot.get(node, { name }) : undefined
    if (found) nodes.set(name, found)
    else missing.add(name)
  }
  return { nodes, areAllKnown: missing.size === 0 }
}
