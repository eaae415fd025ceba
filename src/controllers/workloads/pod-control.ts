// Making and deleting pods for a workload, and saying so on the workload.
// Upstream: pkg/controller/controller_utils.go RealPodControl, GetPodFromTemplate
import { type KubeObject, keyOf, type Plain, type PlannedEvent, type PlannedWrite } from '../../machinery/index.js'
import { type Pod, type PodTemplateSpec, pod } from '../../resources/index.js'
import { controllerReference } from './ownership.js'

/** How many pods one look at a workload makes or deletes at most. */
export const burstMax = 500

export interface Told {
  type?: PlannedEvent['type']
  reason: string
  message: string
}

/** An event on a workload. @param component who tells it */
export function workloadEvent({ apiVersion, kind, metadata }: KubeObject, component: string, { type = 'Normal', reason, message }: Told): PlannedWrite {
  const { name = '', namespace, uid, resourceVersion } = metadata
  const event: PlannedEvent = { regarding: { apiVersion, kind, namespace, name, uid, resourceVersion }, type, reason, message, component }
  return { verb: 'event', event }
}

/** A pod of the template that its owner controls. */
export function podOf(owner: KubeObject, template: PodTemplateSpec): Plain {
  const { labels, annotations, finalizers } = template.metadata ?? {}
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${owner.metadata.name}-`,
      namespace: owner.metadata.namespace,
      ...(labels ? { labels } : {}),
      ...(annotations ? { annotations } : {}),
      ...(finalizers ? { finalizers } : {}),
      ownerReferences: [controllerReference(owner)],
    },
    spec: template.spec,
  }
}

export interface PodControl {
  owner: KubeObject
  component: string
}

/** @param whenRefused what else follows a refusal */
export function creation({ owner, component }: PodControl, object: Plain, whenRefused?: (message: string) => PlannedWrite[]): PlannedWrite {
  return {
    verb: 'create',
    definition: pod,
    object,
    whenMade: ({ metadata: { name } }) => [workloadEvent(owner, component, { reason: 'SuccessfulCreate', message: `Created pod: ${name}` })],
    whenRefused: (message) => [
      workloadEvent(owner, component, { type: 'Warning', reason: 'FailedCreate', message: `Error creating: ${message}` }),
      ...(whenRefused?.(message) ?? []),
    ],
  }
}

export function deletion({ owner, component }: PodControl, object: Pod): PlannedWrite[] {
  return [
    { verb: 'delete', definition: pod, key: keyOf(object), options: { preconditions: { uid: object.metadata.uid } } },
    workloadEvent(owner, component, { reason: 'SuccessfulDelete', message: `Deleted pod: ${object.metadata.name}` }),
  ]
}
