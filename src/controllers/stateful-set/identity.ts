// Pods of a StatefulSet have names that last: an ordinal, a host name, volumes of their own.
// Upstream: pkg/controller/statefulset/stateful_set_utils.go
import { deepCopy, type Plain } from '../../machinery/index.js'
import type { ControllerRevision, Pod, StatefulSet } from '../../resources/index.js'
import { podOf } from '../workloads/pod-control.js'
import { templateOf } from '../workloads/revisions.js'
import { claimName } from './volume-claims.js'

const podNameLabel = 'statefulset.kubernetes.io/pod-name'
const podIndexLabel = 'apps.kubernetes.io/pod-index'
export const revisionLabel = 'controller-revision-hash'

/** A number without leading zeros that counts pods. */
const ordinalForm = /^(?:0|[1-9]\d{0,9})$/

/** The ordinal of a pod that is named for the set; -1 for others. */
export function ordinalOf({ metadata: { name: set = '' } }: StatefulSet, name: string | undefined): number {
  if (!name?.startsWith(`${set}-`)) return -1
  const ordinal = name.slice(set.length + 1)
  return ordinalForm.test(ordinal) ? Number(ordinal) : -1
}

export const firstOrdinal = ({ spec }: StatefulSet) => spec.ordinals?.start ?? 0

export function isInRange(set: StatefulSet, ordinal: number): boolean {
  return ordinal >= firstOrdinal(set) && ordinal < firstOrdinal(set) + (set.spec.replicas ?? 0)
}

export const revisionNameOf = ({ metadata }: Pod) => metadata.labels?.[revisionLabel]

export interface Revisions {
  current: ControllerRevision
  update: ControllerRevision
}

/** A pod below the partition is made as it was before. Upstream: isCurrentRevisionNeeded */
function revisionFor(set: StatefulSet, ordinal: number, { current, update }: Revisions): ControllerRevision {
  const { type, rollingUpdate } = set.spec.updateStrategy
  if (type !== 'RollingUpdate') return update
  const kept = rollingUpdate ? (rollingUpdate.partition ?? 0) : (set.status.currentReplicas ?? 0)
  return ordinal < firstOrdinal(set) + kept ? current : update
}

export function statefulPod(set: StatefulSet, ordinal: number, revisions: Revisions): Plain {
  const revision = revisionFor(set, ordinal, revisions)
  const object = deepCopy(podOf(set, templateOf(revision)))
  const name = `${set.metadata.name}-${ordinal}`
  const { generateName: _generateName, ...metadata } = object.metadata
  const labels = { ...metadata.labels, [podNameLabel]: name, [podIndexLabel]: String(ordinal), [revisionLabel]: revision.metadata.name }
  const claims = (set.spec.volumeClaimTemplates ?? []).map((template) => ({
    name: template.metadata.name ?? '',
    persistentVolumeClaim: { claimName: claimName(set, template, ordinal) },
  }))
  const isClaimed = ({ name: volume }: { name: string }) => claims.some((claim) => claim.name === volume)
  const volumes = [...claims, ...(object.spec.volumes ?? []).filter((volume: { name: string }) => !isClaimed(volume))]
  const { serviceName } = set.spec
  return {
    ...object,
    metadata: { ...metadata, name, labels },
    spec: { ...object.spec, hostname: name, ...(serviceName ? { subdomain: serviceName } : {}), ...(volumes.length ? { volumes } : {}) },
  }
}

/** Labels that an adopted pod lacks. */
export function missingIdentity(ordinal: number, { metadata }: Pod): Record<string, string> | undefined {
  const { name = '', labels } = metadata
  return labels?.[podNameLabel] === name && labels[podIndexLabel] === String(ordinal) ? undefined : { [podNameLabel]: name, [podIndexLabel]: String(ordinal) }
}
