// What a kubelet sees of one pod, and what its stages are made of.
import type { PlannedEvent } from '../../machinery/index.js'
import type { Container, ContainerStatus, EphemeralContainer, Node, Pod, PodStatus } from '../../resources/index.js'
import { running } from './container-status.js'
import type { PodAddresses } from './pod-addresses.js'
import type { PodScript } from './pod-script.js'
import { progressOf, type Readiness } from './probes.js'

export interface PodView {
  pod: Pod
  node: Node
  addresses: PodAddresses
  script: PodScript
  /** Milliseconds since the epoch. */
  now: number
}

/** The states of all containers, in the order of the spec. */
export interface States {
  inits: readonly ContainerStatus[]
  containers: readonly ContainerStatus[]
  ephemerals: readonly ContainerStatus[]
}

export interface Step {
  states: States
  events?: readonly PlannedEvent[]
  /** No container will start again. */
  isStopping?: boolean
  /** The pod has its sandbox, and with it its addresses. */
  hasSandbox?: boolean
  /** Members of the status that the stage sets itself. */
  more?: Partial<PodStatus>
  /** The pod goes for good. */
  isRemoved?: boolean
}

export interface Stage {
  name: string
  applies(view: PodView, states: States): boolean
  next(view: PodView, states: States): Step
}

export const hasBegun = ({ pod }: PodView) => pod.status?.startTime !== undefined
/** It has never run. */
export const isNew = ({ state, lastState }: ContainerStatus) => state.waiting !== undefined && !lastState.terminated

/** Sidecars are told nothing by the script of their pod. */
export const sidecarReadiness: Readiness = { isReady: true }

export function start(
  { pod, script, now }: PodView,
  container: Container | EphemeralContainer,
  readiness: Readiness = script,
  before?: ContainerStatus,
): ContainerStatus {
  return running({ pod, container, progress: progressOf(container, readiness, 0), now, before })
}
