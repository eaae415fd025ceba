// Scopes: which pods and claims a quota counts.
// Upstream: pkg/quota/v1/evaluator/core/{pods,persistent_volume_claims}.go
import { compileLabelSelector } from '../../machinery/index.js'
import type { PersistentVolumeClaim, Pod, PodAffinityTerm, ResourceQuota, ScopedResourceSelectorRequirement } from '../shapes/core-v1.js'
import { qosClassOf } from './pod-qos.js'

/** Both ways of naming scopes as one list. */
export function scopesOf({ spec }: ResourceQuota): ScopedResourceSelectorRequirement[] {
  const named = (spec.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' }))
  return [...named, ...(spec.scopeSelector?.matchExpressions ?? [])]
}

/** Its end is set from the start. */
export function isBounded({ spec }: Pod): boolean {
  return spec.activeDeadlineSeconds !== undefined && spec.activeDeadlineSeconds >= 0
}

export function podIsInScope(pod: Pod, scope: ScopedResourceSelectorRequirement): boolean {
  switch (scope.scopeName) {
    case 'Terminating':
      return isBounded(pod)
    case 'NotTerminating':
      return !isBounded(pod)
    case 'BestEffort':
      return qosClassOf(pod) === 'BestEffort'
    case 'NotBestEffort':
      return qosClassOf(pod) !== 'BestEffort'
    case 'PriorityClass':
      return isSelected(scope, pod.spec.priorityClassName ? [pod.spec.priorityClassName] : [])
    case 'CrossNamespacePodAffinity':
      return affinityTermsOf(pod).some(({ namespaces, namespaceSelector }) => namespaces?.length || namespaceSelector)
    default:
      return false
  }
}

export function claimIsInScope({ spec, status }: PersistentVolumeClaim, scope: ScopedResourceSelectorRequirement): boolean {
  if (scope.scopeName !== 'VolumeAttributesClass') return false
  const names = [spec.volumeAttributesClassName, status?.currentVolumeAttributesClassName, status?.modifyVolumeStatus?.targetVolumeAttributesClassName]
  return isSelected(
    scope,
    names.filter((name): name is string => Boolean(name)),
  )
}

/** Whether any of the values, or their absence, meets the requirement. */
function isSelected({ scopeName, operator, values }: ScopedResourceSelectorRequirement, present: readonly string[]): boolean {
  if (operator === 'Exists') return present.length > 0
  const matches = compileLabelSelector({ matchExpressions: [{ key: scopeName, operator, values }] })
  return present.length ? present.some((value) => matches({ [scopeName]: value })) : matches({})
}

function affinityTermsOf({ spec: { affinity } }: Pod): PodAffinityTerm[] {
  return [affinity?.podAffinity, affinity?.podAntiAffinity].flatMap((rules) => [
    ...(rules?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(rules?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }) => podAffinityTerm),
  ])
}
