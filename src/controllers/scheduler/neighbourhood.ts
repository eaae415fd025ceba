// Neighbourhood: what judging needs to know of the cluster beyond one node. Pods are those that have a node and have not ended.
import { defineIndex, type Snapshot } from '../../machinery/index.js'
import { type Namespace, type Node, namespace, node, type Pod, type PodAffinityTerm, pod } from '../../resources/index.js'
import { isTerminal } from '../pod-indexes.js'
import { podsLabelled } from '../service-backends/indexes.js'
import { inZoneOrder } from './node-order.js'
import { type Counts, type Homes, NodeTally } from './node-tally.js'
import { NodeInfo } from './node-usage.js'
import { familyOf } from './pod-family.js'
import type { ClusterState } from './refusal-memory.js'
import { compileSelection, type Selection, selectionOfTerm, sureLabelOf } from './selection.js'

export interface Neighbourhood {
  /** In the order in which they are asked. */
  nodes: readonly Node[]
  /** The same, with what is known of them. */
  infos: readonly NodeInfo[]
  infoOf(name: string): NodeInfo | undefined
  /** How many pods that do the same work are on each node. */
  relativesOf(pod: Pod): Counts
  /** The domains of nodes by a label: the same object until a node changes. */
  homesBy(topologyKey: string): Homes
  /** How many of the pods a selection means are in each domain. */
  countsOf(selection: Selection, homes: Homes): Counts
  /** Terms by which pods want others not to come near. */
  guards(): readonly Guard[]
  namespaces(): readonly Namespace[]
}

export interface Guard {
  /** The same text for the same guards. */
  kind: string
  topologyKey: string
  /** Whom it means. */
  isMeant(pod: Pod): boolean
  /** How many pods say so in each domain. */
  counts: Counts
}

/** A guard without its pods. One of those stands for all: whom they mean is the same. */
interface GuardTerm extends Pick<Guard, 'kind' | 'topologyKey'> {
  means(namespaces: () => readonly Namespace[]): (pod: Pod) => boolean
}

/** What judgements rest on: lists that are the same until something of it changes. */
export function clusterState(snapshot: Snapshot): ClusterState {
  return { nodes: snapshot.find(allNodes, ''), placed: snapshot.find(placedPods, ''), namespaces: snapshot.find(allNamespaces, '') }
}

const allNodes = defineIndex<Node>({ definition: node, values: () => [''] })

const allNamespaces = defineIndex<Namespace>({ definition: namespace, values: () => [''] })

const isPlaced = (object: Pod) => Boolean(object.spec.nodeName) && !isTerminal(object)

/** By namespace, and all of them under no name. */
const placedPods = defineIndex<Pod>({
  definition: pod,
  values: (object) => (isPlaced(object) ? ['', object.metadata.namespace as string] : []),
})

const podsByFamily = defineIndex<Pod>({ definition: pod, values: (object) => (isPlaced(object) ? [familyOf(object)] : []) })

/** Pods with a node that do not want certain others near. */
const guardedPods = defineIndex<Pod>({ definition: pod, values: (object) => (isPlaced(object) && antiAffinityTerms(object).length ? [''] : []) })

export const affinityTerms = ({ spec }: Pod) => spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []
export const antiAffinityTerms = ({ spec }: Pod) => spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []

// More families and kinds of selections than this are counted anew.
const talliesMax = 1024

/** Counts that live from one look to the next. They say what the Snapshot says, only sooner: one for each cluster. */
export class NeighbourhoodMemory {
  readonly #tallies = new Map<string, NodeTally>()
  #nodes: readonly Node[] = []
  #infos: readonly NodeInfo[] = []
  readonly #guardTerms = new Map<string, GuardTerm>()
  readonly #guarded = new NodeTally((owner) => this.#learnGuards(owner))

  neighbourhoodIn(snapshot: Snapshot): Neighbourhood {
    const namespaces = () => snapshot.find(allNamespaces, '')
    const nodes = inZoneOrder(snapshot.find(allNodes, ''))
    return {
      nodes,
      infos: this.#infosOf(nodes),
      infoOf(name) {
        const found = snapshot.get(node, { name })
        return found && new NodeInfo(found)
      },
      relativesOf: (object) => this.#tally(`family ${familyOf(object)}`, countAll, snapshot.find(podsByFamily, familyOf(object))).countsByNode(''),
      homesBy: (topologyKey) => homesBy(topologyKey, nodes),
      countsOf: (selection, homes) =>
        this.#tally(`selection ${selection.key}`, () => newTally(selection), candidatesFor(selection, snapshot)).countsOf('', homes),
      guards: () => this.#guardsIn(snapshot, { nodes, namespaces }),
      namespaces,
    }
  }

  #infosOf(nodes: readonly Node[]): readonly NodeInfo[] {
    if (this.#nodes === nodes) return this.#infos
    const before = new Map(this.#infos.map((info) => [info.node, info]))
    this.#nodes = nodes
    this.#infos = nodes.map((each) => before.get(each) ?? new NodeInfo(each))
    return this.#infos
  }

  /** The tally of that name, up to date with these pods. */
  #tally(name: string, begin: () => NodeTally, pods: readonly Pod[]): NodeTally {
    const tally = this.#tallies.get(name) ?? begin()
    this.#tallies.delete(name)
    this.#tallies.set(name, tally)
    if (this.#tallies.size > talliesMax) {
      const [oldest] = this.#tallies.keys()
      this.#tallies.delete(oldest)
    }
    tally.follow(pods)
    return tally
  }

  #guardsIn(snapshot: Snapshot, { nodes, namespaces }: Pick<Neighbourhood, 'nodes' | 'namespaces'>): Guard[] {
    this.#guarded.follow(snapshot.find(guardedPods, ''))
    return [...this.#guardTerms.values()].flatMap(({ kind, topologyKey, means }) => {
      if (this.#guarded.has(kind)) return [{ kind, topologyKey, isMeant: means(namespaces), counts: this.#guarded.countsOf(kind, homesBy(topologyKey, nodes)) }]
      this.#guardTerms.delete(kind)
      return []
    })
  }

  #learnGuards(owner: Pod): string[] {
    const kinds = guardKindsOf(owner)
    kinds.forEach((kind, index) => {
      if (!this.#guardTerms.has(kind)) this.#guardTerms.set(kind, guardTerm(kind, antiAffinityTerms(owner)[index], owner))
    })
    return kinds
  }
}

function guardTerm(kind: string, term: PodAffinityTerm, owner: Pod): GuardTerm {
  const read = (namespaces: () => readonly Namespace[]) => {
    const selection = selectionOfTerm(term, owner, namespaces)
    return selection ? compileSelection(selection) : () => false
  }
  // What names no namespaces by their labels means the same pods for ever.
  const always = term.namespaceSelector ? undefined : read(() => [])
  return { kind, topologyKey: term.topologyKey, means: (namespaces) => always ?? read(namespaces) }
}

/** One for each term of a pod. */
export function guardKindsOf(owner: Pod): string[] {
  const { namespace: home, labels = {} } = owner.metadata
  return antiAffinityTerms(owner).map((term) => {
    const keys = [...(term.matchLabelKeys ?? []), ...(term.mismatchLabelKeys ?? [])]
    return JSON.stringify([home, term, keys.map((key) => labels[key])])
  })
}

const homes = new WeakMap<readonly Node[], Map<string, Homes>>()
// As many topologies are kept in mind.
const topologiesMax = 64

function homesBy(topologyKey: string, nodes: readonly Node[]): Homes {
  const known = homes.get(nodes) ?? new Map<string, Homes>()
  homes.set(nodes, known)
  const present = known.get(topologyKey)
  if (present) return present
  if (known.size >= topologiesMax) known.clear()
  const found = new Map<string, string>()
  for (const { metadata } of nodes) {
    const domain = metadata.labels?.[topologyKey]
    if (domain !== undefined) found.set(metadata.name as string, domain)
  }
  known.set(topologyKey, found)
  return found
}

const countAll = () => new NodeTally(() => [''])

function newTally(selection: Selection): NodeTally {
  const isMeant = compileSelection(selection)
  return new NodeTally((object) => (isPlaced(object) && isMeant(object) ? [''] : []))
}

/** A list that has all pods of a selection in it, as short as it is easily found. */
function candidatesFor({ namespaces, selector }: Selection, snapshot: Snapshot): readonly Pod[] {
  if (namespaces.length !== 1) return snapshot.find(placedPods, '')
  const label = sureLabelOf(selector)
  return label ? podsLabelled(namespaces[0], label, snapshot) : snapshot.find(placedPods, namespaces[0])
}
