// NodeTally: how many pods of a kind are on each node, and in each domain of a topology, kept up to date by what differs between two
// looks at a list of pods.
import type { Pod } from '../../resources/index.js'
import { podChanges } from '../service-backends/pod-changes.js'
import { step } from './counts.js'

/** Domains of a topology by the names of the nodes that lie in them. */
export type Homes = ReadonlyMap<string, string>

/** By node or by domain; never 0. */
export type Counts = ReadonlyMap<string, number>

type CountsByKind = Map<string, Map<string, number>>

const none: Counts = new Map()
// Topologies seen from more sides than this are counted anew.
const viewsMax = 8

export class NodeTally {
  readonly #kindsOf: (pod: Pod) => readonly string[]
  readonly #byNode: CountsByKind = new Map()
  readonly #byDomain = new Map<Homes, CountsByKind>()
  #pods: readonly Pod[] = []

  /** @param kindsOf what a pod with a node counts as; it follows from the pod alone */
  constructor(kindsOf: (pod: Pod) => readonly string[]) {
    this.#kindsOf = kindsOf
  }

  /** Pods that are the same object are the same: where little has changed, this costs little more than a walk along the list. */
  follow(pods: readonly Pod[]): void {
    if (this.#pods === pods) return
    for (const { old, pod } of podChanges(this.#pods, pods)) {
      if (old) this.#count(old, -1)
      if (pod) this.#count(pod, 1)
    }
    this.#pods = pods
  }

  has(kind: string): boolean {
    return this.#byNode.has(kind)
  }

  countsByNode(kind: string): Counts {
    return this.#byNode.get(kind) ?? none
  }

  /** @param homes the same object for the same topology, as long as no node changes */
  countsOf(kind: string, homes: Homes): Counts {
    return (this.#byDomain.get(homes) ?? this.#view(homes)).get(kind) ?? none
  }

  #view(homes: Homes): CountsByKind {
    const view: CountsByKind = new Map()
    for (const [kind, counts] of this.#byNode) {
      for (const [node, count] of counts) {
        const domain = homes.get(node)
        if (domain !== undefined) stepIn(view, { kind, place: domain, by: count })
      }
    }
    this.#byDomain.set(homes, view)
    if (this.#byDomain.size > viewsMax) {
      const [oldest] = this.#byDomain.keys()
      this.#byDomain.delete(oldest)
    }
    return view
  }

  #count(pod: Pod, by: 1 | -1): void {
    const { nodeName } = pod.spec
    if (!nodeName) return
    for (const kind of new Set(this.#kindsOf(pod))) {
      stepIn(this.#byNode, { kind, place: nodeName, by })
      for (const [homes, view] of this.#byDomain) {
        const domain = homes.get(nodeName)
        if (domain !== undefined) stepIn(view, { kind, place: domain, by })
      }
    }
  }
}

function stepIn(counts: CountsByKind, { kind, place, by }: { kind: string; place: string; by: number }): void {
  const ofKind = counts.get(kind) ?? new Map<string, number>()
  step(ofKind, place, by)
  if (ofKind.size) counts.set(kind, ofKind)
  else counts.delete(kind)
}
