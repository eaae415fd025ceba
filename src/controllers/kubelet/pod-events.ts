// What a kubelet tells of its containers, in Events.
// Upstream: pkg/kubelet/events/event.go, pkg/kubelet/images/image_manager.go, pkg/kubelet/kuberuntime/kuberuntime_container.go
import type { PlannedEvent } from '../../machinery/index.js'
import type { Pod } from '../../resources/index.js'
import type { AnyContainer } from './container-status.js'

export interface Told {
  type?: 'Warning'
  reason: string
  message: string
  /** The container it is about. */
  fieldPath?: string
}

export function podEvent({ metadata, spec }: Pod, { type, reason, message, fieldPath }: Told): PlannedEvent {
  const { name = '', namespace, uid, resourceVersion } = metadata
  return {
    regarding: { kind: 'Pod', namespace, name, uid, apiVersion: 'v1', resourceVersion, ...(fieldPath ? { fieldPath } : {}) },
    type: type ?? 'Normal',
    reason,
    message,
    component: 'kubelet',
    host: spec.nodeName,
  }
}

export function fieldPathOf({ spec }: Pod, { name }: Pick<AnyContainer, 'name'>): string {
  const isNamed = (container: { name: string }) => container.name === name
  const list = spec.containers?.some(isNamed) ? 'containers' : spec.initContainers?.some(isNamed) ? 'initContainers' : 'ephemeralContainers'
  return `spec.${list}{${name}}`
}

/** From image to running process. Pulling takes no time and no bytes: nothing is pulled. */
export function startEvents(pod: Pod, container: AnyContainer & { imagePullPolicy?: string }): PlannedEvent[] {
  const { image = '', imagePullPolicy } = container
  const pulls: Told[] =
    imagePullPolicy === 'Always'
      ? [pulling(image), { reason: 'Pulled', message: `Successfully pulled image "${image}" in 0s (0s including waiting). Image size: 0 bytes.` }]
      : [{ reason: 'Pulled', message: `Container image "${image}" already present on machine and can be accessed by the pod` }]
  return containerEvents(pod, container, [...pulls, { reason: 'Created', message: 'Container created' }, { reason: 'Started', message: 'Container started' }])
}

function containerEvents(pod: Pod, container: AnyContainer, told: readonly Told[]): PlannedEvent[] {
  const fieldPath = fieldPathOf(pod, container)
  return told.map(({ type, reason, message }) => podEvent(pod, { type, reason, message, fieldPath }))
}

const pulling = (image: string): Told => ({ reason: 'Pulling', message: `Pulling image "${image}"` })

export function pullFailedEvents(pod: Pod, container: AnyContainer, cause: string): PlannedEvent[] {
  const { image = '' } = container
  return containerEvents(pod, container, [
    pulling(image),
    { type: 'Warning', reason: 'Failed', message: `Failed to pull image "${image}": ${cause}` },
    { type: 'Warning', reason: 'Failed', message: 'Error: ErrImagePull' },
  ])
}

export function pullBackOffEvents(pod: Pod, container: AnyContainer): PlannedEvent[] {
  return containerEvents(pod, container, [
    { reason: 'BackOff', message: `Back-off pulling image "${container.image ?? ''}"` },
    { type: 'Warning', reason: 'Failed', message: 'Error: ImagePullBackOff' },
  ])
}

export function restartBackOffEvent(pod: Pod, container: AnyContainer): PlannedEvent {
  const { name, namespace, uid } = pod.metadata
  const message = `Back-off restarting failed container ${container.name} in pod ${name}_${namespace}(${uid})`
  return podEvent(pod, { type: 'Warning', reason: 'BackOff', message, fieldPath: fieldPathOf(pod, container) })
}

export function killingEvent(pod: Pod, container: Pick<AnyContainer, 'name'>): PlannedEvent {
  return podEvent(pod, { reason: 'Killing', message: `Stopping container ${container.name}`, fieldPath: fieldPathOf(pod, container) })
}
