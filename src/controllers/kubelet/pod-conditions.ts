// Phase and conditions of a pod as they follow from the states of its containers.
// Upstream: pkg/kubelet/kubelet_pods.go getPhase, pkg/kubelet/status/generate.go
import { formatTime } from '../../machinery/index.js'
import type { ContainerStatus, Pod, PodCondition, PodStatus } from '../../resources/index.js'
import { hasSucceeded, isRunning, isSidecar, isTerminated } from './container-status.js'

type Verdict = Pick<PodCondition, 'status' | 'reason' | 'message'>

const fromKubelet = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled']
const isTrue: Verdict = { status: 'True' }

/** @param isStopping no container will start again */
export function phaseOf({ spec }: Pod, { initContainerStatuses = [], containerStatuses = [] }: PodStatus, isStopping: boolean): string {
  const inits = (spec.initContainers ?? []).filter((container) => !isSidecar(container))
  const statusOf = (name: string) => initContainerStatuses.find((status) => status.name === name)
  for (const { name } of inits) {
    const status = statusOf(name)
    if (status && hasSucceeded(status)) continue
    if (status && isTerminated(status) && (spec.restartPolicy === 'Never' || isStopping)) return 'Failed'
    if (!isStopping) return 'Pending'
  }
  const neverStarted = ({ state, lastState }: ContainerStatus) => state.waiting !== undefined && !lastState.terminated
  if (containerStatuses.some(neverStarted) || !containerStatuses.length) return isStopping ? 'Failed' : 'Pending'
  // Sidecars outlive the others by a moment.
  if ([...containerStatuses, ...initContainerStatuses].some(isRunning)) return 'Running'
  if (isStopping) return containerStatuses.every(hasSucceeded) ? 'Succeeded' : 'Failed'
  if (spec.restartPolicy === 'Always') return 'Running'
  if (containerStatuses.every(hasSucceeded)) return 'Succeeded'
  return spec.restartPolicy === 'Never' ? 'Failed' : 'Running'
}

/**
 * The conditions of this status; those of others stay in front, and one that says the same keeps its transition time.
 * @param now milliseconds since the epoch
 */
export function conditionsOf(pod: Pod, status: PodStatus, now: number): PodCondition[] {
  const present = pod.status?.conditions ?? []
  const foreign = present.filter(({ type }) => !fromKubelet.includes(type))
  const containersReady = containersReadyOf(pod, status)
  const verdicts: [string, Verdict][] = [
    ['PodReadyToStartContainers', { status: hasSandbox(status) ? 'True' : 'False' }],
    ['Initialized', initializedOf(pod, status)],
    ['Ready', containersReady.status === 'True' ? gatesReadyOf(pod, foreign) : containersReady],
    ['ContainersReady', containersReady],
    ['PodScheduled', isTrue],
  ]
  return [...foreign, ...verdicts.map(([type, verdict]) => conditionOf(pod, present, type, verdict, now))]
}

function conditionOf({ metadata }: Pod, present: readonly PodCondition[], type: string, verdict: Verdict, now: number): PodCondition {
  const before = present.find((condition) => condition.type === type)
  const isSame = before?.status === verdict.status && before.lastTransitionTime
  return {
    type,
    ...(metadata.generation ? { observedGeneration: metadata.generation } : {}),
    status: verdict.status,
    lastProbeTime: null,
    lastTransitionTime: isSame ? before.lastTransitionTime : formatTime(now),
    ...(verdict.reason ? { reason: verdict.reason } : {}),
    ...(verdict.message ? { message: verdict.message } : {}),
  }
}

const isOver = ({ phase }: PodStatus) => phase === 'Succeeded' || phase === 'Failed'

const hasSandbox = (status: PodStatus) => !isOver(status) && (status.podIPs?.length ?? 0) > 0

function initializedOf({ spec }: Pod, status: PodStatus): Verdict {
  if (status.phase === 'Succeeded') return { status: 'True', reason: 'PodCompleted' }
  const hasStarted = status.containerStatuses?.some((each) => isRunning(each) || isTerminated(each) || each.lastState.terminated)
  if (hasStarted) return isTrue
  const incomplete = (spec.initContainers ?? []).filter((container) => {
    const own = status.initContainerStatuses?.find(({ name }) => name === container.name)
    return !own || !(isSidecar(container) ? own.started : hasSucceeded(own))
  })
  if (!incomplete.length) return isTrue
  return { status: 'False', reason: 'ContainersNotInitialized', message: `containers with incomplete status: ${listed(incomplete)}` }
}

function containersReadyOf({ spec }: Pod, status: PodStatus): Verdict {
  if (status.phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' }
  if (status.phase === 'Failed') return { status: 'False', reason: 'PodFailed' }
  const sidecars = (spec.initContainers ?? []).filter(isSidecar)
  const statuses = new Map([...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])].map((each) => [each.name, each]))
  const unready = [...sidecars, ...(spec.containers ?? [])].filter(({ name }) => !statuses.get(name)?.ready)
  return unready.length ? { status: 'False', reason: 'ContainersNotReady', message: `containers with unready status: ${listed(unready)}` } : isTrue
}

function gatesReadyOf({ spec }: Pod, conditions: readonly PodCondition[]): Verdict {
  const messages = (spec.readinessGates ?? []).flatMap(({ conditionType: type }) => {
    const gate = conditions.find((condition) => condition.type === type)
    if (!gate) return [`corresponding condition of pod readiness gate "${type}" does not exist.`]
    return gate.status === 'True' ? [] : [`the status of pod readiness gate "${type}" is not "True", but ${gate.status}`]
  })
  return messages.length ? { status: 'False', reason: 'ReadinessGatesNotReady', message: messages.join(', ') } : isTrue
}

const listed = (containers: readonly { name: string }[]) => `[${containers.map(({ name }) => name).join(' ')}]`
