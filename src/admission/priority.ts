// Priority: a pod's priority and preemption policy come from its PriorityClass, and one class at most is everybody's default.
// Upstream: plugin/pkg/admission/priority/admission.go
import type { Admission, AdmissionRequest, AdmissionStep, Snapshot } from '../machinery/index.js'
import { type Pod, type PriorityClass, pod, priorityClass } from '../resources/index.js'
import { forbid } from './refusal.js'

export const priority: AdmissionStep = {
  plugin: 'Priority',
  resources: [pod.key, priorityClass.key],
  operations: ['CREATE', 'UPDATE'],
  admit(request) {
    if (request.subresource) return undefined
    if (request.definition.key === priorityClass.key) return admitClass(request)
    return request.operation === 'CREATE' ? admitPod(request) : keepPriority(request)
  },
}

const computed = 'must not be provided in pod spec; priority admission controller computed'
const fromClass = 'from the given PriorityClass name'

function admitPod(request: AdmissionRequest<Pod>): Admission {
  const { spec } = request.object
  const found = spec.priorityClassName ? request.snapshot.get(priorityClass, { name: spec.priorityClassName }) : defaultClass(request.snapshot)
  if (spec.priorityClassName && !found) return forbid(request, `no PriorityClass with name ${spec.priorityClassName} was found`)
  const value = found?.value ?? 0
  if (spec.priority !== undefined && spec.priority !== value) {
    return forbid(request, `the integer value of priority (${spec.priority}) ${computed} ${value} ${fromClass}`)
  }
  const policy = found ? found.preemptionPolicy : 'PreemptLowerPriority'
  if (policy && spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy) {
    return forbid(request, `the string value of PreemptionPolicy (${spec.preemptionPolicy}) ${computed} ${policy} ${fromClass}`)
  }
  if (found) spec.priorityClassName = found.metadata.name
  spec.priority = value
  if (policy) spec.preemptionPolicy = policy
  return undefined
}

/** The global default; of several, which only a race can make, the lowest. */
function defaultClass(snapshot: Snapshot): PriorityClass | undefined {
  let lowest: PriorityClass | undefined
  for (const candidate of snapshot.list(priorityClass)) {
    if (candidate.globalDefault && (!lowest || candidate.value < lowest.value)) lowest = candidate
  }
  return lowest
}

// A client that leaves out what it did not set does not mean to take it away.
function keepPriority({ object, old }: AdmissionRequest<Pod>): Admission {
  if (object.spec.priority === undefined && old?.spec.priority !== undefined) object.spec.priority = old.spec.priority
  if (object.spec.preemptionPolicy === undefined && old?.spec.preemptionPolicy !== undefined) object.spec.preemptionPolicy = old.spec.preemptionPolicy
  return undefined
}

function admitClass(request: AdmissionRequest<PriorityClass>): Admission {
  if (!request.object.globalDefault) return undefined
  const present = defaultClass(request.snapshot)
  if (!present || (request.operation === 'UPDATE' && present.metadata.name === request.name)) return undefined
  return forbid(request, `PriorityClass ${present.metadata.name} is already marked as default. Only one default can exist`)
}
