// Whether and when a container that has ended runs again.
// Upstream: pkg/kubelet/container/helpers.go ShouldContainerBeRestarted, pkg/kubelet/kuberuntime doBackOff
import type { Container, ContainerStatus, Pod } from '../../resources/index.js'
import { dueTime } from '../due-time.js'

const backOffMillisMin = 10_000
const backOffMillisMax = 300_000
/** One that ran so long is trusted again. */
const trustMillis = 600_000

export function mayRestart({ spec }: Pod, container: Pick<Container, 'restartPolicy'>, { state, lastState }: ContainerStatus): boolean {
  const ended = state.terminated ?? (state.waiting ? lastState.terminated : undefined)
  const policy = container.restartPolicy ?? spec.restartPolicy
  return ended !== undefined && (policy === 'Always' || (policy === 'OnFailure' && ended.exitCode !== 0))
}

/** The first restart comes at once, each later one twice as late as the one before. */
export function backOffMillis({ state, lastState, restartCount }: ContainerStatus): number {
  const ended = state.terminated ?? lastState.terminated
  const ranMillis = Date.parse(ended?.finishedAt ?? '') - Date.parse(ended?.startedAt ?? '')
  if (restartCount === 0 || ranMillis >= trustMillis) return 0
  return Math.min(backOffMillisMin * 2 ** (restartCount - 1), backOffMillisMax)
}

/** Milliseconds since the epoch. */
export function restartDue(status: ContainerStatus, now: number): number {
  const ended = status.state.terminated ?? status.lastState.terminated
  return dueTime({ begun: Date.parse(ended?.finishedAt ?? ''), wait: backOffMillis(status), now })
}

export function backOffMessage({ metadata: { name, namespace, uid } }: Pod, status: ContainerStatus): string {
  return `back-off ${formatBackOff(backOffMillis(status) / 1000)} restarting failed container=${status.name} pod=${name}_${namespace}(${uid})`
}

// As Go prints durations.
function formatBackOff(seconds: number): string {
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`
}
