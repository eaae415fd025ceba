// Init containers run one after the other, each to its end, before any container starts. Sidecars among them only have to start.
// Upstream: pkg/kubelet/kuberuntime/kuberuntime_container.go computeInitContainerActions
import type { Container, ContainerStatus, Pod } from '../../resources/index.js'
import { hasSucceeded, isRunning, isSidecar, isTerminated, terminated } from './container-status.js'
import { killingEvent, startEvents } from './pod-events.js'
import { reasonOf } from './pod-script.js'
import { isNew, type PodView, type States, type Step, sidecarReadiness, start } from './pod-view.js'
import { mayRestart } from './restarts.js'

/** Which one is next; -1 when all have done their work. */
export function nextInit({ spec }: Pod, inits: readonly ContainerStatus[]): number {
  return (spec.initContainers ?? []).findIndex((container, index) => !(isSidecar(container) ? inits[index].started : hasSucceeded(inits[index])))
}

export function hasInitToStart({ pod }: PodView, { inits }: States): boolean {
  const index = nextInit(pod, inits)
  return index >= 0 && isNew(inits[index])
}

export function startInit(view: PodView, states: States): Step {
  const { pod, script } = view
  const index = nextInit(pod, states.inits)
  const container = containerAt(pod, index)
  const started = start(view, container, isSidecar(container) ? sidecarReadiness : { isReady: false })
  const step = { states: withInit(states, index, started), events: startEvents(pod, container), hasSandbox: true }
  // What takes no time is over at once.
  return isSidecar(container) || script.initExitAfterMillis > 0 ? step : { ...step, ...endOf(view, step.states, index, step.events) }
}

/** When the one that runs ends. Milliseconds since the epoch; infinite when none does. */
export function initEndDue({ pod, script }: PodView, inits: readonly ContainerStatus[]): number {
  const index = nextInit(pod, inits)
  const startedAt = inits[index]?.state.running?.startedAt
  return !startedAt || isSidecar(containerAt(pod, index)) ? Number.POSITIVE_INFINITY : Date.parse(startedAt) + script.initExitAfterMillis
}

export const isInitDue = (view: PodView, { inits }: States): boolean => initEndDue(view, inits) <= view.now

export const endInit = (view: PodView, states: States): Step => endOf(view, states, nextInit(view.pod, states.inits))

function endOf(view: PodView, states: States, index: number, events: Step['events'] = []): Pick<Step, 'states' | 'events'> {
  const { pod, script, now } = view
  const exitCode = script.initExitCode
  const status = terminated(states.inits[index], { exitCode, reason: reasonOf(exitCode), now }, true)
  const ended = withInit(states, index, status)
  if (exitCode === 0 || pod.spec.restartPolicy !== 'Never') return { states: ended, events }
  // Nothing will follow: sidecars that run already have nobody to serve.
  const inits = ended.inits.map((each) => (isRunning(each) ? terminated(each, { exitCode: 0, reason: 'Completed', now }, true) : each))
  return { states: { ...ended, inits }, events: [...events, ...ended.inits.filter(isRunning).map((each) => killingEvent(pod, each))] }
}

/** One that has done its work never runs again, whatever the policy of its pod. */
export function mayRestartInit(pod: Pod, container: Container, status: ContainerStatus): boolean {
  if (isSidecar(container)) return false
  const { spec } = pod
  const restartPolicy = spec.restartPolicy === 'Never' ? 'Never' : 'OnFailure'
  return !(isTerminated(status) && hasSucceeded(status)) && mayRestart({ ...pod, spec: { ...spec, restartPolicy } }, {}, status)
}

const containerAt = ({ spec }: Pod, index: number) => spec.initContainers?.[index] as Container

const withInit = (states: States, index: number, status: ContainerStatus): States => ({ ...states, inits: states.inits.with(index, status) })
