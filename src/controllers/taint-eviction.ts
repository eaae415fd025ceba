// Pods that do not tolerate a NoExecute taint of their node go, at once or when their patience ends.
// Upstream: pkg/controller/tainteviction/taint_eviction.go
import { type Controller, defineController, keyOf, on, type Plan } from '../machinery/index.js'
import { type Node, node, type Pod, pod, type Taint } from '../resources/index.js'
import { withCondition } from './pod-condition.js'
import { isTerminal, podsByNode } from './pod-indexes.js'
import { tolerates } from './tolerations.js'

interface Observed {
  pod: Pod
  node: Node
  taints: readonly Taint[]
  now: number
}

export const taintEvictionController: Controller<Observed> = defineController<Observed>({
  name: 'taint-eviction-controller',
  fieldManager: 'kube-controller-manager',
  watches: [
    // Where it is and what it tolerates stands in its spec.
    on(pod, ({ object, old, deleted }) => (deleted || !object.spec.nodeName || old?.spec === object.spec ? [] : [keyOf(object)])),
    on(node, ({ object, deleted }, snapshot) => (!deleted && evicting(object).length ? snapshot.find(podsByNode, object.metadata.name ?? '').map(keyOf) : [])),
  ],
  observe(key, snapshot) {
    const object = snapshot.get(pod, key)
    if (!object?.spec.nodeName || object.metadata.deletionTimestamp || isTerminal(object)) return undefined
    const host = snapshot.get(node, { name: object.spec.nodeName })
    const taints = host ? evicting(host) : []
    return host && taints.length ? { pod: object, node: host, taints, now: snapshot.now } : undefined
  },
  reconcile({ pod: object, node: host, taints, now }): Plan {
    const due = evictionDue(object, host, taints)
    if (due > now) return { writes: [], ...(Number.isFinite(due) ? { requeueAfterMillis: due - now } : {}) }
    const { name = '', namespace, uid } = object.metadata
    const verdict = { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager', message: 'Taint manager: deleting due to NoExecute taint' }
    const event = {
      regarding: { kind: 'Pod', apiVersion: 'v1', namespace, name },
      type: 'Normal' as const,
      reason: 'TaintManagerEviction',
      message: `Marking for deletion Pod ${namespace}/${name}`,
      component: 'taint-eviction-controller',
    }
    return {
      writes: [
        { verb: 'event', event },
        { verb: 'update', definition: pod, object: { ...object, status: withCondition(object, verdict, now) }, subresource: 'status' },
        { verb: 'delete', definition: pod, key: keyOf(object), options: { preconditions: { uid } } },
      ],
    }
  },
})

const evicting = ({ spec }: Node) => (spec.taints ?? []).filter(({ effect }) => effect === 'NoExecute')

/** Milliseconds since the epoch; infinite for a pod that puts up with everything. */
function evictionDue({ spec }: Pod, host: Node, taints: readonly Taint[]): number {
  let patienceSeconds = Number.POSITIVE_INFINITY
  for (const taint of taints) {
    const matching = (spec.tolerations ?? []).find((toleration) => tolerates(toleration, taint))
    if (!matching) return Number.NEGATIVE_INFINITY
    if (matching.tolerationSeconds !== undefined) patienceSeconds = Math.min(patienceSeconds, Math.max(matching.tolerationSeconds, 0))
  }
  return Math.max(...taints.map((taint) => addedAt(taint, host))) + patienceSeconds * 1000
}

/** Clients seldom say when they tainted a node; the record of who changed what does. */
function addedAt({ timeAdded }: Taint, { metadata }: Node): number {
  if (timeAdded) return Date.parse(timeAdded)
  const times = (metadata.managedFields ?? []).flatMap(({ fieldsV1, time }) => (fieldsV1?.['f:spec']?.['f:taints'] && time ? [Date.parse(time)] : []))
  return Math.max(Date.parse(metadata.creationTimestamp ?? ''), ...times)
}
