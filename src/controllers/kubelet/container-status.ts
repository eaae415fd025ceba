// The states of a simulated container, as its kubelet tells them.
// Upstream: pkg/kubelet/kubelet_pods.go convertToAPIContainerStatuses
import { deepEqual, formatTime, hexDigest } from '../../machinery/index.js'
import type { Container, ContainerStatus, Pod } from '../../resources/index.js'
import type { Progress } from './probes.js'

/** What all kinds of containers have in common here. */
export type AnyContainer = Pick<Container, 'name' | 'image' | 'resources' | 'volumeMounts' | 'securityContext'>

export const isRunning = ({ state }: ContainerStatus) => state.running !== undefined
export const isTerminated = ({ state }: ContainerStatus) => state.terminated !== undefined
export const hasSucceeded = ({ state }: ContainerStatus) => state.terminated?.exitCode === 0

export const isSidecar = ({ restartPolicy }: Pick<Container, 'restartPolicy'>) => restartPolicy === 'Always'

export function waiting(container: AnyContainer, reason: string, before?: ContainerStatus, message?: string): ContainerStatus {
  const lastTermination = before?.state.terminated ?? before?.lastState.terminated
  return {
    name: container.name,
    state: { waiting: { reason, ...(message === undefined ? {} : { message }) } },
    lastState: lastTermination ? { terminated: lastTermination } : {},
    ready: false,
    restartCount: before?.restartCount ?? 0,
    image: container.image ?? '',
    imageID: before?.imageID ?? '',
    ...(before?.containerID ? { containerID: before.containerID } : {}),
    started: false,
    ...mountsOf(container),
  }
}

export interface Running {
  pod: Pod
  container: AnyContainer
  progress: Progress
  /** Milliseconds since the epoch. */
  now: number
  before?: ContainerStatus
}

/** Starts the container, once more when it ran before. */
export function running({ pod, container, progress: { isReady, isStarted }, now, before }: Running): ContainerStatus {
  const lastTermination = before?.state.terminated ?? before?.lastState.terminated
  const restartCount = lastTermination ? (before?.restartCount ?? 0) + 1 : 0
  const image = normalizedImage(container.image ?? '')
  return {
    name: container.name,
    state: { running: { startedAt: formatTime(now) } },
    lastState: lastTermination ? { terminated: lastTermination } : {},
    ready: isReady,
    restartCount,
    image,
    imageID: `${withoutTag(image)}@sha256:${hexDigest(image, 64)}`,
    containerID: containerIDOf(pod, container.name, restartCount),
    started: isStarted,
    ...resourcesOf(container),
    ...mountsOf(container),
    user: { linux: userOf(pod, container) },
  }
}

/** The same container, told anew: what may change while it runs are its progress and its resources. */
export function retold(before: ContainerStatus, container: AnyContainer, { isReady, isStarted }: Progress): ContainerStatus {
  const next = { ...before, ready: isReady, started: isStarted, ...resourcesOf(container) }
  return deepEqual(next, before) ? before : next
}

export interface Ending {
  exitCode: number
  reason: string
  now: number
}

export function terminated(before: ContainerStatus, { exitCode, reason, now }: Ending, isInit = false): ContainerStatus {
  const { containerID, state } = before
  return {
    ...before,
    state: {
      terminated: {
        exitCode,
        reason,
        startedAt: state.running?.startedAt ?? formatTime(now),
        finishedAt: formatTime(now),
        ...(containerID ? { containerID } : {}),
      },
    },
    ready: isInit && exitCode === 0,
    started: false,
  }
}

/** One that never ran has no exit code of its own. Upstream: pkg/kubelet/kubelet_pods.go, ContainerStatusUnknown */
export function neverRan(before: ContainerStatus): ContainerStatus {
  const terminated = { exitCode: 137, reason: 'ContainerStatusUnknown', message: 'The container could not be located when the pod was terminated' }
  return { ...before, state: { terminated: { ...terminated, startedAt: null, finishedAt: null } }, ready: false, started: false }
}

function resourcesOf({ resources: { limits, requests } = {} }: AnyContainer): Pick<ContainerStatus, 'resources'> {
  return { resources: { ...(limits ? { limits } : {}), ...(requests ? { requests } : {}) } }
}

function mountsOf({ volumeMounts }: AnyContainer): Pick<ContainerStatus, 'volumeMounts'> {
  if (!volumeMounts?.length) return {}
  return {
    volumeMounts: volumeMounts.map(({ name, mountPath, readOnly }) => ({
      name,
      mountPath,
      ...(readOnly ? { readOnly, recursiveReadOnly: 'Disabled' } : {}),
    })),
  }
}

function userOf({ spec }: Pod, { securityContext: own }: AnyContainer) {
  const { securityContext: shared } = spec
  const gid = own?.runAsGroup ?? shared?.runAsGroup ?? 0
  return { uid: own?.runAsUser ?? shared?.runAsUser ?? 0, gid, supplementalGroups: [...new Set([gid, ...(shared?.supplementalGroups ?? [])])] }
}

export function containerIDOf({ metadata }: Pod, name: string, restartCount: number): string {
  return `containerd://${hexDigest(`${metadata.uid} ${name} ${restartCount}`, 64)}`
}

/** The full name of an image: `nginx` is `docker.io/library/nginx:latest`. Upstream: distribution/reference/normalize.go */
export function normalizedImage(image: string): string {
  const [first, ...others] = image.split('/')
  const hasDomain = others.length > 0 && (first.includes('.') || first.includes(':') || first === 'localhost')
  const full = hasDomain ? image : `docker.io/${others.length ? image : `library/${image}`}`
  const last = full.slice(full.lastIndexOf('/') + 1)
  return last.includes(':') || last.includes('@') ? full : `${full}:latest`
}

function withoutTag(image: string): string {
  const name = image.split('@')[0]
  const colon = name.lastIndexOf(':')
  return colon > name.lastIndexOf('/') ? name.slice(0, colon) : name
}
