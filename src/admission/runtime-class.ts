// RuntimeClass: what a runtime costs and where it runs becomes part of the pods that ask for it.
// Upstream: plugin/pkg/admission/runtimeclass/admission.go, pkg/util/tolerations/tolerations.go
import { type Admission, type AdmissionRequest, type AdmissionStep, deepEqual } from '../machinery/index.js'
import { type Pod, pod, type RuntimeClass, runtimeClass, type Toleration } from '../resources/index.js'
import { forbid } from './refusal.js'

export const runtimeClassStep: AdmissionStep = {
  plugin: 'RuntimeClass',
  resources: [pod.key],
  operations: ['CREATE'],
  admit(request: AdmissionRequest<Pod>) {
    if (request.subresource) return undefined
    const { runtimeClassName } = request.object.spec
    const found = runtimeClassName === undefined ? undefined : request.snapshot.get(runtimeClass, { name: runtimeClassName })
    if (runtimeClassName !== undefined && !found) return forbid(request, `pod rejected: RuntimeClass "${runtimeClassName}" not found`)
    return applyOverhead(request, found) ?? (found && applyScheduling(request, found))
  },
}

function applyOverhead(request: AdmissionRequest<Pod>, found: RuntimeClass | undefined): Admission {
  const { spec } = request.object
  const given = spec.overhead && Object.keys(spec.overhead).length > 0
  if (!found?.overhead) return given ? forbid(request, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead') : undefined
  const defined = found.overhead.podFixed ?? {}
  if (given && !deepEqual(spec.overhead, defined)) {
    return forbid(request, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")
  }
  spec.overhead = { ...defined }
  return undefined
}

function applyScheduling(request: AdmissionRequest<Pod>, { scheduling }: RuntimeClass): Admission {
  const { spec } = request.object
  if (!scheduling) return undefined
  const selector: Record<string, string> = { ...spec.nodeSelector }
  for (const [key, value] of Object.entries(scheduling.nodeSelector ?? {})) {
    if (Object.hasOwn(selector, key) && selector[key] !== value) {
      return forbid(request, `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${selector[key]}`)
    }
    selector[key] = value
  }
  if (Object.keys(selector).length) spec.nodeSelector = selector
  if (scheduling.tolerations?.length) spec.tolerations = mergeTolerations([...(spec.tolerations ?? []), ...scheduling.tolerations])
  return undefined
}

/** Leaves out what another toleration covers; of equal ones the first stays. */
function mergeTolerations(all: readonly Toleration[]): Toleration[] {
  const merged: Toleration[] = []
  all.forEach((toleration, index) => {
    const isCovered = (other: Toleration) => covers(other, toleration)
    const isCoveredLater = all.slice(index + 1).some((other) => !deepEqual(other, toleration) && isCovered(other))
    if (!merged.some(isCovered) && !isCoveredLater) merged.push({ ...toleration })
  })
  return merged
}

function covers(wide: Toleration, narrow: Toleration): boolean {
  if (deepEqual(wide, narrow)) return true
  if (wide.key !== narrow.key && (wide.key || wide.operator !== 'Exists')) return false
  if (wide.effect !== narrow.effect && wide.effect) return false
  if (wide.effect === 'NoExecute' && wide.tolerationSeconds !== undefined) {
    if (narrow.tolerationSeconds === undefined || narrow.tolerationSeconds > wide.tolerationSeconds) return false
  }
  return wide.operator === 'Exists' || (isEqual(wide) && narrow.operator === 'Equal' && (wide.value ?? '') === (narrow.value ?? ''))
}

const isEqual = ({ operator }: Toleration) => !operator || operator === 'Equal'
