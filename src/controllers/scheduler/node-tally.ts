// NodeTally: how many pods of a kind are on each node, kept up to date by what differs between two looks at a list of pods.
import type { Pod } from '../../resources/index.js'

/** By the name of the node; never 0. */
export type NodeCounts = ReadonlyMap<string, number>

const none: NodeCounts = new Map()

export class NodeTally {
  readonly #kindsOf: (pod: Pod) => readonly string[]
  readonly #counts = new Map<string, Map<string, number>>()
  #pods: readonly Pod[] = []

  /** @param kindsOf what a pod with a node counts as; it follows from the pod alone */
  constructor(kindsOf: (pod: Pod) => readonly string[]) {
    this.#kindsOf = kindsOf
  }

  /** Pods that are the same object are the same: where little has changed, this costs little more than a walk along the list. */
  follow(pods: readonly Pod[]): void {
    const before = this.#pods
    if (before === pods) return
    let [index, at] = [0, 0]
    while (index < before.length || at < pods.length) {
      const [old, pod] = [before[index], pods[at]]
      if (old === pod) {
        index++
        at++
      } else if (pod && (!old || pathOf(pod) <= pathOf(old))) {
        this.#count(pod, 1)
        at++
      } else {
        this.#count(old, -1)
        index++
      }
    }
    this.#pods = pods
  }

  countsOf(kind: string): NodeCounts {
    return this.#counts.get(kind) ?? none
  }

  #count(pod: Pod, step: 1 | -1): void {
    const { nodeName } = pod.spec
    if (!nodeName) return
    for (const kind of new Set(this.#kindsOf(pod))) {
      const counts = this.#counts.get(kind) ?? new Map<string, number>()
      const count = (counts.get(nodeName) ?? 0) + step
      if (count) counts.set(nodeName, count)
      else counts.delete(nodeName)
      if (counts.size) this.#counts.set(kind, counts)
      else this.#counts.delete(kind)
    }
  }
}

const pathOf = ({ metadata }: Pod) => `${metadata.namespace}/${metadata.name}`
