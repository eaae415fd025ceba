// RefusalMemory: what was said of one pod is true of every other like it, until a node, a pod with a node or a
// namespace changes. Of ten thousand
// pods that fit nowhere one is judged.
// Upstream: pkg/scheduler/framework/runtime/batch.go, which does the same for pods that fit
import type { Namespace, Node, Pod } from '../../resources/index.js'
import { demandOf } from './node-usage.js'

/** Lists that are the same until something changes. */
export interface ClusterState {
  nodes: readonly Node[]
  placed: readonly Pod[]
  namespaces: readonly Namespace[]
}

const kindsMax = 1024

export class RefusalMemory {
  readonly #messages = new Map<string, string>()
  #state: ClusterState | undefined

  /** @param stateNow asked only when such a pod was refused before */
  recall(pod: Pod, stateNow: () => ClusterState): string | undefined {
    const message = this.#messages.size ? this.#messages.get(kindOf(pod)) : undefined
    return message !== undefined && this.#isSame(stateNow()) ? message : undefined
  }

  remember(pod: Pod, message: string, state: ClusterState): void {
    if (!this.#isSame(state) || this.#messages.size >= kindsMax) this.#messages.clear()
    this.#state = state
    this.#messages.set(kindOf(pod), message)
  }

  #isSame({ nodes, placed, namespaces }: ClusterState): boolean {
    return this.#state?.nodes === nodes && this.#state.placed === placed && this.#state.namespaces === namespaces
  }
}

/** All that matters of a pod for where it may go. */
function kindOf(pod: Pod): string {
  const { metadata, spec } = pod
  const { nodeSelector, affinity, tolerations, topologySpreadConstraints, priority, preemptionPolicy } = spec
  const { requests, hostPorts } = demandOf(pod)
  const amounts = [...requests].map(([name, { nanos }]) => `${name}=${nanos}`)
  const wishes = [nodeSelector, affinity, tolerations, topologySpreadConstraints, priority, preemptionPolicy]
  return JSON.stringify([metadata.namespace, metadata.labels, wishes, amounts, hostPorts])
}
