// A node that is not ready is tainted, and its pods are not ready either.
// Upstream: pkg/controller/nodelifecycle/node_lifecycle_controller.go
// Differs: nobody counts heartbeats. A simulated node falls silent when an annotation says so; the conditions of any other node are
// its client's to write. Evictions are not held back when many nodes fail together.
import {
  type Controller,
  deepEqual,
  defineController,
  formatTime,
  keyOf,
  on,
  onSelf,
  type Plan,
  type PlannedEvent,
  type PlannedWrite,
} from '../../machinery/index.js'
import { type Node, type NodeCondition, node, type Pod, pod, type Taint } from '../../resources/index.js'
import { withCondition } from '../pod-condition.js'
import { podsByNode } from '../pod-indexes.js'
import { type NodeScript, readinessOf, readNodeScript } from './node-script.js'
import { isNewlyCordoned, isNewlyFreed, taintsOf } from './node-taints.js'
import { isSimulated } from './simulated-node.js'

const component = 'node-controller'

interface Observed {
  node: Node
  /** Pods that say they are ready while their node does not. */
  pods: readonly Pod[]
  script: NodeScript
  now: number
}

export const nodeLifecycleController: Controller<Observed> = defineController<Observed>({
  name: 'node-lifecycle-controller',
  fieldManager: 'kube-controller-manager',
  username: 'system:serviceaccount:kube-system:node-controller',
  watches: [
    onSelf(node),
    on(pod, ({ object, deleted }, snapshot) => {
      if (deleted || !object.spec.nodeName || !isReady(object)) return []
      const host = snapshot.get(node, { name: object.spec.nodeName })
      return host && isFailing(host) ? [keyOf(host)] : []
    }),
  ],
  observe({ name }, snapshot) {
    const object = snapshot.get(node, { name })
    if (!object || object.metadata.deletionTimestamp) return undefined
    const pods = isFailing(object) ? snapshot.find(podsByNode, name).filter(isReady) : []
    return { node: object, pods, script: readNodeScript(object, snapshot.now), now: snapshot.now }
  },
  reconcile({ node: object, pods, script, now }): Plan {
    if (script.does === 'silent' && readinessOf(object) !== 'Unknown') return { writes: [silence(object, now)] }
    const writes: PlannedWrite[] = []
    const taints = taintsOf(object, now)
    if (!deepEqual(taints, object.spec.taints ?? [])) {
      const patch = { metadata: { resourceVersion: object.metadata.resourceVersion }, spec: { taints: taints.length ? taints : null } }
      if (isFailing(object) && isNewlyEvicting(object, taints)) writes.push({ verb: 'event', event: notReadyEvent(object) })
      if (isSimulated(object)) writes.push(...cordonEvents(object, taints))
      writes.push({ verb: 'patch', definition: node, key: keyOf(object), patch, type: 'merge' })
    }
    const wait = script.due === undefined ? {} : { requeueAfterMillis: script.due - now }
    return { writes: [...writes, ...pods.flatMap((each) => markNotReady(each, now))], ...wait }
  },
})

const isReady = ({ status }: Pod) => status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false

function isFailing(object: Node): boolean {
  const readiness = readinessOf(object)
  return readiness !== undefined && readiness !== 'True'
}

function silence(object: Node, now: number): PlannedWrite {
  const reported = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure']
  const wasHeard = object.status.conditions?.length
  const [reason, message] = wasHeard
    ? ['NodeStatusUnknown', 'Kubelet stopped posting node status.']
    : ['NodeStatusNeverUpdated', 'Kubelet never posted node status.']
  const unknown = (type: string, before?: NodeCondition): NodeCondition => ({
    ...before,
    type,
    status: 'Unknown',
    lastHeartbeatTime: before?.lastHeartbeatTime ?? formatTime(now),
    lastTransitionTime: formatTime(now),
    reason,
    message,
  })
  const present = object.status.conditions ?? []
  const missing = reported.filter((type) => !present.some((condition) => condition.type === type))
  const conditions = [
    ...present.map((condition) => (reported.includes(condition.type) ? unknown(condition.type, condition) : condition)),
    ...missing.map((type) => unknown(type)),
  ]
  return { verb: 'update', definition: node, subresource: 'status', object: { ...object, status: { ...object.status, conditions } } }
}

function isNewlyEvicting({ spec }: Node, taints: readonly { effect: string; key: string }[]): boolean {
  return taints.some(({ key, effect }) => effect === 'NoExecute' && !spec.taints?.some((taint) => taint.key === key && taint.effect === effect))
}

/** What its kubelet says when it is cordoned and let go again, which it sees at the same moment. */
function cordonEvents({ metadata: { name = '' }, spec }: Node, taints: readonly Taint[]): PlannedWrite[] {
  const reason = isNewlyCordoned(spec.taints, taints) ? 'NodeNotSchedulable' : isNewlyFreed(spec.taints, taints) ? 'NodeSchedulable' : undefined
  if (!reason) return []
  const regarding = { kind: 'Node', apiVersion: 'v1', name }
  const message = `Node ${name} status is now: ${reason}`
  return [{ verb: 'event', event: { regarding, type: 'Normal', reason, message, component: 'kubelet', host: name } }]
}

function notReadyEvent({ metadata: { name = '', uid } }: Node): PlannedEvent {
  const regarding = { kind: 'Node', apiVersion: 'v1', name, uid }
  return { regarding, type: 'Normal', reason: 'NodeNotReady', message: `Node ${name} status is now: NodeNotReady`, component }
}

function markNotReady(object: Pod, now: number): PlannedWrite[] {
  const { name = '', namespace, uid, resourceVersion } = object.metadata
  const before = object.status?.conditions?.find(({ type }) => type === 'Ready')
  const status = withCondition(object, { type: 'Ready', status: 'False', reason: before?.reason, message: before?.message }, now)
  const regarding = { kind: 'Pod', namespace, name, uid, apiVersion: 'v1', resourceVersion }
  return [
    { verb: 'event', event: { regarding, type: 'Warning', reason: 'NodeNotReady', message: 'Node is not ready', component } },
    { verb: 'update', definition: pod, object: { ...object, status }, subresource: 'status' },
  ]
}
