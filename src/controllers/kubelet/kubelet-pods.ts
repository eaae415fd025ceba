// The kubelet's second half: it leads the pods of its simulated node through their stages. Pods of other nodes are never touched,
// nor are mirrors of static pods, whose kubelet somebody else plays.
// Upstream: pkg/kubelet/kubelet.go, pkg/kubelet/status/status_manager.go
import {
  type Controller,
  deepEqual,
  defineController,
  formatTime,
  keyOf,
  on,
  onSelf,
  type Plan,
  type PlannedWrite,
  withMembers,
} from '../../machinery/index.js'
import { type Node, node, type Pod, type PodStatus, pod } from '../../resources/index.js'
import { readNodeScript, readyAnnotation } from '../node/node-script.js'
import { isSimulated } from '../node/simulated-node.js'
import { podsByNode } from '../pod-indexes.js'
import { podAddresses } from './pod-addresses.js'
import { conditionsOf, phaseOf } from './pod-conditions.js'
import { readPodScript } from './pod-script.js'
import { currentStates, nextDue, podStages } from './pod-stages.js'
import type { PodView, States, Step } from './pod-view.js'

const mirrorAnnotation = 'kubernetes.io/config.mirror'

/** How long until a node that has no address left for a pod is asked again. */
const addressRetryMillis = 10_000

export const kubeletPodController: Controller<PodView> = defineController<PodView>({
  name: 'kubelet',
  fieldManager: 'kubelet',
  leads: true,
  watches: [
    onSelf(pod),
    on(node, ({ object, old }, snapshot) =>
      isSimulated(object) && isNews(object, old) ? snapshot.find(podsByNode, object.metadata.name ?? '').map(keyOf) : [],
    ),
  ],
  observe(key, snapshot) {
    const object = snapshot.get(pod, key)
    if (!object?.spec.nodeName || object.metadata.annotations?.[mirrorAnnotation] !== undefined) return undefined
    const host = snapshot.get(node, { name: object.spec.nodeName })
    if (!isSimulated(host) || !isAlive(host, snapshot.now)) return undefined
    const { nodeName } = object.spec
    const addresses = podAddresses(object, host, () => snapshot.find(podsByNode, nodeName))
    return { pod: object, node: host, addresses, script: readPodScript(object), now: snapshot.now }
  },
  reconcile(view): Plan {
    const states = currentStates(view)
    const stage = podStages.find(({ applies }) => applies(view, states)) ?? podStages[podStages.length - 1]
    const step = stage.next(view, states)
    const status = statusOf(view, step)
    const writes: PlannedWrite[] = (step.events ?? []).map((event) => ({ verb: 'event', event }))
    if (!deepEqual(status, view.pod.status)) writes.push({ verb: 'update', definition: pod, object: { ...view.pod, status }, subresource: 'status' })
    if (step.isRemoved) writes.push(removal(view.pod))
    return { writes, ...later(view, step), username: `system:node:${view.pod.spec.nodeName}` }
  },
})

/** What a change of the node may mean to its pods. */
function isNews(object: Node, old: Node | undefined): boolean {
  if (!old) return true
  const facts = ({ metadata, spec, status }: Node) => [
    isSimulated({ metadata } as Node),
    metadata.annotations?.[readyAnnotation],
    spec.podCIDRs,
    status.addresses,
  ]
  return !deepEqual(facts(object), facts(old))
}

/** A node that is told to fail does nothing for its pods. */
function isAlive(host: Node, now: number): boolean {
  const { does } = readNodeScript(host, now)
  return does === 'serving' || does === 'starting'
}

function statusOf({ pod: object, addresses, now }: PodView, { states, isStopping = false, hasSandbox, more }: Step): PodStatus {
  const { status: before = {}, spec, metadata } = object
  const hasAddress = hasSandbox || spec.hostNetwork || (before.podIPs?.length ?? 0) > 0
  const next: PodStatus = withMembers(before, {
    startTime: startTimeOf(object, now),
    ...(metadata.generation ? { observedGeneration: metadata.generation } : {}),
    ...(addresses.hostIPs.length ? { hostIP: addresses.hostIPs[0], hostIPs: addresses.hostIPs.map((ip) => ({ ip })) } : {}),
    ...(hasAddress && addresses.podIPs.length ? { podIP: addresses.podIPs[0], podIPs: addresses.podIPs.map((ip) => ({ ip })) } : {}),
    ...statusLists(states),
    ...more,
  })
  next.phase = more?.phase ?? (isOver(before) ? before.phase : phaseOf(object, next, isStopping))
  next.conditions = conditionsOf(object, next, now)
  return next
}

/** One that lies ahead is from before the clock was set back: a deadline counts anew. */
function startTimeOf({ spec, status: before = {} }: Pod, now: number): string {
  const { startTime } = before
  const countsAnew = spec.activeDeadlineSeconds !== undefined && !isOver(before) && Date.parse(startTime ?? '') > now
  return startTime && !countsAnew ? startTime : formatTime(now)
}

const isOver = ({ phase }: PodStatus) => phase === 'Succeeded' || phase === 'Failed'

function statusLists({ inits, containers, ephemerals }: States): Partial<PodStatus> {
  return {
    ...(inits.length ? { initContainerStatuses: [...inits] } : {}),
    ...(containers.length ? { containerStatuses: [...containers] } : {}),
    ...(ephemerals.length ? { ephemeralContainerStatuses: [...ephemerals] } : {}),
  }
}

/** The last word of a kubelet on a deleted pod. */
function removal(object: Pod): PlannedWrite {
  const options = { gracePeriodSeconds: 0, preconditions: { uid: object.metadata.uid } }
  return { verb: 'delete', definition: pod, key: keyOf(object), options }
}

function later(view: PodView, { states, isStopping }: Step): Pick<Plan, 'requeueAfterMillis'> {
  if (isStopping) return {}
  if (view.pod.status?.startTime && !view.addresses.podIPs.length) return { requeueAfterMillis: addressRetryMillis }
  const due = nextDue(view, states)
  return Number.isFinite(due) ? { requeueAfterMillis: Math.max(due - view.now, 0) } : {}
}
