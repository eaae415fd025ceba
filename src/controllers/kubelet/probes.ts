// When a running container counts as started and as ready: probes of simulated containers pass at the first try.
// Upstream: pkg/kubelet/prober/worker.go doProbe, pkg/kubelet/prober/prober_manager.go UpdatePodStatus
// Differs: probes are made when they are due, not at the next tick of their period; liveness probes always pass.
import type { Container, ContainerStatus } from '../../resources/index.js'
import type { PodScript } from './pod-script.js'

export type Probed = Pick<Container, 'startupProbe' | 'readinessProbe'>

/** Whether its script lets it be ready, and how long after its start in place of what the probe says. */
export type Readiness = Pick<PodScript, 'isReady' | 'readyAfterMillis'>

export interface Progress {
  isStarted: boolean
  isReady: boolean
}

const secondMillis = 1000

/** Milliseconds from the start of the container until its startup probe passes. */
function startedAfterMillis({ startupProbe }: Probed): number {
  return (startupProbe?.initialDelaySeconds ?? 0) * secondMillis
}

/** Milliseconds from the start of the container until it is ready; its readiness is asked for once it has started. */
function readyAfterMillis(container: Probed, { readyAfterMillis: told }: Readiness): number {
  const { readinessProbe: probe } = container
  const least = startedAfterMillis(container)
  if (told !== undefined) return Math.max(told, least)
  if (!probe) return least
  const repetitions = Math.max((probe.successThreshold ?? 1) - 1, 0) * (probe.periodSeconds ?? 10)
  return Math.max((probe.initialDelaySeconds ?? 0) * secondMillis, least) + repetitions * secondMillis
}

/** @param ranMillis how long the container has been running */
export function progressOf(container: Probed, readiness: Readiness, ranMillis: number): Progress {
  return {
    isStarted: ranMillis >= startedAfterMillis(container),
    isReady: readiness.isReady && ranMillis >= readyAfterMillis(container, readiness),
  }
}

/** How long a container must have been running to have come so far. */
export function ranAtLeast(container: Probed, readiness: Readiness, { started, ready }: ContainerStatus): number {
  if (ready) return readyAfterMillis(container, readiness)
  return started ? startedAfterMillis(container) : 0
}

/** When a running container makes its next progress. Milliseconds since the epoch; infinite when it has come as far as it can. */
export function progressDue(container: Probed, readiness: Readiness, { state, started, ready }: ContainerStatus): number {
  const start = Date.parse(state.running?.startedAt ?? '')
  if (Number.isNaN(start)) return Number.POSITIVE_INFINITY
  if (!started) return start + startedAfterMillis(container)
  return ready || !readiness.isReady ? Number.POSITIVE_INFINITY : start + readyAfterMillis(container, readiness)
}
