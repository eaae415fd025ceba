// The life of a simulated pod as a table of stages: the first that applies says what comes next. A stage changes the states of
// containers; phase and conditions follow from them. Nothing takes time but what annotations and back-off say.
// Upstream: pkg/kubelet/kubelet.go SyncPod, SyncTerminatingPod; pkg/kubelet/kuberuntime/kuberuntime_manager.go computePodActions
import { formatTime, type PlannedEvent } from '../../machinery/index.js'
import type { Container, ContainerStatus, EphemeralContainer, Pod } from '../../resources/index.js'
import { dueTime } from '../due-time.js'
import { isTerminal } from '../pod-indexes.js'
import { isRunning, isSidecar, isTerminated, neverRan, retold, terminated, waiting } from './container-status.js'
import { endInit, hasInitToStart, initEndDue, isInitDue, mayRestartInit, nextInit, startInit } from './init-containers.js'
import { killingEvent, podEvent, pullBackOffEvents, pullFailedEvents, restartBackOffEvent, startEvents } from './pod-events.js'
import { hasBegun, isNew, type PodView, type Stage, type States, type Step, sidecarReadiness, start } from './pod-view.js'
import { progressDue, progressOf, type Readiness, ranAtLeast } from './probes.js'
import { backOffMessage, mayRestart, restartDue } from './restarts.js'

/** Init containers and debuggers. */
const neverReady: Readiness = { isReady: false }

const isInitialized = ({ pod }: PodView, { inits }: States) => nextInit(pod, inits) < 0

export const podStages: readonly Stage[] = [
  {
    name: 'gone: a deleted pod whose containers have ended',
    applies: ({ pod }) => pod.metadata.deletionTimestamp !== undefined && isTerminal(pod),
    next: ({ pod }, states) => ({ states, isStopping: true, isRemoved: (pod.metadata.deletionGracePeriodSeconds ?? 0) > 0 }),
  },
  {
    name: 'stopping: a deleted pod whose containers have had their time',
    applies: (view) => stopDue(view) <= view.now,
    next(view, states) {
      const isKilled = view.script.stopAfterMillis > (view.pod.metadata.deletionGracePeriodSeconds ?? 0) * 1000
      const exitCode = isKilled ? 137 : view.script.stopExitCode
      const ending = { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' }
      return { ...stopped(view, states, ending), isRemoved: (view.pod.metadata.deletionGracePeriodSeconds ?? 0) > 0 }
    },
  },
  {
    name: 'winding down: a deleted pod whose containers take their time',
    applies: ({ pod }) => pod.metadata.deletionTimestamp !== undefined,
    next: (_view, states) => ({ states }),
  },
  {
    name: 'over: containers that have ended for good',
    applies: ({ pod }) => isTerminal(pod),
    next: (_view, states) => ({ states, isStopping: true }),
  },
  {
    name: 'overdue: active for longer than its deadline',
    applies: (view) => deadlineDue(view) <= view.now,
    next(view, states) {
      const message = 'Pod was active on the node longer than the specified deadline'
      const step = stopped(view, states, { exitCode: 137, reason: 'Error' })
      const events = [podEvent(view.pod, { reason: 'DeadlineExceeded', message }), ...(step.events ?? [])]
      return { ...step, events, more: { phase: 'Failed', reason: 'DeadlineExceeded', message } }
    },
  },
  { name: 'admitted: taken on by its node', applies: (view) => !hasBegun(view), next: (_view, states) => ({ states }) },
  {
    name: 'pulling in vain',
    applies: ({ script }, { containers }) => script.imagePullError !== undefined && containers.some(isNew),
    next: pullInVain,
  },
  {
    name: 'initializing: init containers run one after the other',
    applies: (view, states) => mayStart(view) && hasInitToStart(view, states),
    next: startInit,
  },
  { name: 'initialized by one more: an init container has done its work', applies: isInitDue, next: endInit },
  {
    name: 'starting: all containers at once',
    applies: (view, states) => mayStart(view) && isInitialized(view, states) && states.containers.some(isNew),
    next(view, states) {
      const fresh = (view.pod.spec.containers ?? []).filter((_, index) => isNew(states.containers[index]))
      const containers = mapStates(view.pod.spec.containers, states.containers, (container, status) => (isNew(status) ? start(view, container) : status))
      return { states: { ...states, containers }, events: fresh.flatMap((container) => startEvents(view.pod, container)), hasSandbox: true }
    },
  },
  {
    name: 'exiting: containers whose script has come to its end',
    applies: (view, { containers }) => containers.some((status) => exitDue(view, status) <= view.now),
    next(view, states) {
      const { exitCode, exitReason: reason } = view.script
      const containers = states.containers.map((status) =>
        exitDue(view, status) <= view.now ? terminated(status, { exitCode, reason, now: view.now }) : status,
      )
      return { states: { ...states, containers } }
    },
  },
  { name: 'restarting: containers that ended and run again, at once or after a while', applies: hasRestarts, next: restart },
  {
    name: 'completing: sidecars end after the last container',
    applies: ({ pod }, { inits, containers }) => inits.some(isRunning) && containers.every((status, index) => isDone(pod, index, status)),
    next: (view, states) => {
      const ending = { exitCode: 0, reason: 'Completed', now: view.now }
      const inits = states.inits.map((status) => (isRunning(status) ? terminated(status, ending, true) : status))
      return { states: { ...states, inits }, events: states.inits.filter(isRunning).map((status) => killingEvent(view.pod, status)) }
    },
  },
  { name: 'going on as it is', applies: () => true, next: (_view, states) => ({ states }) },
]

/** The states as they stand, with an entry for every container and what may change in one that runs. */
export function currentStates(view: PodView): States {
  const { pod, script } = view
  const { spec, status = {} } = pod
  const reason = spec.initContainers?.length ? 'PodInitializing' : 'ContainerCreating'
  const told = (container: Container | EphemeralContainer, statuses: readonly ContainerStatus[] | undefined, readiness: Readiness) => {
    const before = statuses?.find(({ name }) => name === container.name)
    if (!before) return waiting(container, reason)
    if (!before.state.running) return before
    const ranMillis = view.now - Date.parse(before.state.running.startedAt ?? '')
    if (ranMillis < 0) return startedAnew(before, container, readiness, view.now)
    return retold(before, container, progressOf(container, readiness, ranMillis))
  }
  const isBusy = hasBegun(view) && !isTerminal(pod) && status.podIPs?.length
  return {
    inits: (spec.initContainers ?? []).map((container) => told(container, status.initContainerStatuses, isSidecar(container) ? sidecarReadiness : neverReady)),
    containers: (spec.containers ?? []).map((container) => told(container, status.containerStatuses, script)),
    ephemerals: (spec.ephemeralContainers ?? []).map((container) => {
      const state = told(container, status.ephemeralContainerStatuses, neverReady)
      return isBusy && isNew(state) ? start(view, container, neverReady) : state
    }),
  }
}

/** When something is due that nobody else will bring up. Milliseconds since the epoch; infinite when nothing is. */
export function nextDue(view: PodView, { inits, containers }: States): number {
  const { pod, now, script } = view
  if (pod.metadata.deletionTimestamp !== undefined) return stopDue(view)
  const restarts = [
    ...inits.filter((status, index) => willRestartInit(pod, index, status)),
    ...containers.filter((status, index) => willRestart(pod, index, status)),
  ]
  const progress = [
    ...containers.map((status, index) => progressDue(pod.spec.containers?.[index] as Container, script, status)),
    ...inits.map((status, index) => sidecarDue(pod.spec.initContainers?.[index] as Container, status)),
  ]
  const start = [...inits, ...containers].some(isNew) ? startDue(view) : Number.POSITIVE_INFINITY
  return Math.min(
    deadlineDue(view),
    initEndDue(view, inits),
    ...containers.map((status) => exitDue(view, status)),
    ...restarts.map((status) => restartDue(status, now)),
    // What is past is waiting for something else.
    ...[start, ...progress].filter((due) => due > now),
  )
}

/** The clock was set back behind its start: it counts anew, from as long ago as it takes to come to where it is. */
function startedAnew(before: ContainerStatus, container: Container | EphemeralContainer, readiness: Readiness, now: number): ContainerStatus {
  const ranMillis = ranAtLeast(container, readiness, before)
  const next = { ...before, state: { running: { startedAt: formatTime(now - ranMillis) } } }
  return retold(next, container, progressOf(container, readiness, ranMillis))
}

const sidecarDue = (container: Container, status: ContainerStatus) =>
  isSidecar(container) ? progressDue(container, sidecarReadiness, status) : Number.POSITIVE_INFINITY

/** From when on containers may start. */
function startDue({ pod, script, now }: PodView): number {
  return dueTime({ begun: Date.parse(pod.status?.startTime ?? ''), wait: script.startAfterMillis, now })
}

const mayStart = (view: PodView) => view.addresses.podIPs.length > 0 && startDue(view) <= view.now

function stopDue({ pod: { metadata }, script, now }: PodView): number {
  if (metadata.deletionTimestamp === undefined) return Number.POSITIVE_INFINITY
  // Nobody comes to tell them: only a deletion without grace ends such a pod.
  if (script.stopAfterMillis === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY
  const graceMillis = (metadata.deletionGracePeriodSeconds ?? 0) * 1000
  return dueTime({ begun: Date.parse(metadata.deletionTimestamp) - graceMillis, wait: Math.min(script.stopAfterMillis, graceMillis), now })
}

function deadlineDue({ pod: { spec, status } }: PodView): number {
  if (spec.activeDeadlineSeconds === undefined || !status?.startTime) return Number.POSITIVE_INFINITY
  return Date.parse(status.startTime) + spec.activeDeadlineSeconds * 1000
}

function exitDue({ script }: PodView, { state }: ContainerStatus): number {
  if (script.exitAfterMillis === undefined || !state.running?.startedAt) return Number.POSITIVE_INFINITY
  return Date.parse(state.running.startedAt) + script.exitAfterMillis
}

function stopped({ pod, now }: PodView, states: States, { exitCode, reason }: { exitCode: number; reason: string }): Step {
  const end = (isInit: boolean) => (status: ContainerStatus) =>
    isRunning(status) ? terminated(status, { exitCode, reason, now }, isInit) : isNew(status) ? neverRan(status) : status
  const events = [...states.containers, ...states.inits].filter(isRunning).map((status) => killingEvent(pod, status))
  return {
    states: { inits: states.inits.map(end(true)), containers: states.containers.map(end(false)), ephemerals: states.ephemerals.map(end(false)) },
    events,
    isStopping: true,
  }
}

function pullInVain({ pod, script }: PodView, states: States): Step {
  const cause = script.imagePullError as string
  const events: PlannedEvent[] = []
  const containers = mapStates(pod.spec.containers, states.containers, (container, status) => {
    const reason = status.state.waiting?.reason
    if (!isNew(status) || reason === 'ImagePullBackOff') return status
    const hasFailed = reason === 'ErrImagePull'
    events.push(...(hasFailed ? pullBackOffEvents(pod, container) : pullFailedEvents(pod, container, cause)))
    const message = hasFailed ? `Back-off pulling image "${container.image}": ErrImagePull: ${cause}` : cause
    return waiting(container, hasFailed ? 'ImagePullBackOff' : 'ErrImagePull', undefined, message)
  })
  return { states: { ...states, containers }, events }
}

function willRestart(pod: Pod, index: number, status: ContainerStatus): boolean {
  const container = pod.spec.containers?.[index]
  return container !== undefined && mayRestart(pod, container, status)
}

/** It has ended and will not run again. */
function isDone(pod: Pod, index: number, status: ContainerStatus): boolean {
  return isTerminated(status) && !willRestart(pod, index, status)
}

function willRestartInit(pod: Pod, index: number, status: ContainerStatus): boolean {
  const container = pod.spec.initContainers?.[index]
  return container !== undefined && mayRestartInit(pod, container, status)
}

function hasRestarts({ pod, now }: PodView, { inits, containers }: States): boolean {
  const isDue = (status: ContainerStatus) => isTerminated(status) || restartDue(status, now) <= now
  return (
    inits.some((status, index) => willRestartInit(pod, index, status) && isDue(status)) ||
    containers.some((status, index) => willRestart(pod, index, status) && isDue(status))
  )
}

function restart(view: PodView, states: States): Step {
  const { pod, now } = view
  const events: PlannedEvent[] = []
  const restarted = (container: Container, status: ContainerStatus, again: () => ContainerStatus) => {
    if (restartDue(status, now) <= now) {
      events.push(...startEvents(pod, container))
      return again()
    }
    if (!isTerminated(status)) return status
    events.push(restartBackOffEvent(pod, container))
    return waiting(container, 'CrashLoopBackOff', status, backOffMessage(pod, status))
  }
  const inits = mapStates(pod.spec.initContainers, states.inits, (container, status, index) =>
    willRestartInit(pod, index, status) ? restarted(container, status, () => start(view, container, neverReady, status)) : status,
  )
  const containers = mapStates(pod.spec.containers, states.containers, (container, status, index) =>
    willRestart(pod, index, status) ? restarted(container, status, () => start(view, container, view.script, status)) : status,
  )
  return { states: { ...states, inits, containers }, events }
}

function mapStates(
  containers: readonly Container[] | null | undefined,
  statuses: readonly ContainerStatus[],
  change: (container: Container, status: ContainerStatus, index: number) => ContainerStatus,
): ContainerStatus[] {
  return statuses.map((status, index) => change(containers?.[index] as Container, status, index))
}
