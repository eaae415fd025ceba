// What may still change in a pod that runs: very little.
// Upstream: pkg/apis/core/validation/validation.go ValidatePodUpdate
import { deepCopy, deepEqual, type FieldError, field } from '../../machinery/index.js'
import type { NodeAffinity, NodeSelectorTerm, Pod, PodSpec, Toleration } from '../shapes/core-v1.js'
import { diffOfPodSpecs } from './pod-spec-diff.js'
import { validatePodSpec } from './pod-validation.js'

const mutable =
  '`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'

/** All that is wrong with a change of a Pod through its main resource, but for its metadata. */
export function validatePodUpdate({ spec }: Pod, { spec: old }: Pod): FieldError[] {
  if (deepEqual(spec, old)) return []
  const errors = validatePodSpec(spec, 'spec', { ofPod: true })
  const lengthErrors = (['containers', 'initContainers'] as const).filter((name) => (spec[name] ?? []).length !== (old[name] ?? []).length)
  if (lengthErrors.length) return [...errors, ...lengthErrors.map((name) => field.forbidden(`spec.${name}`, 'pod updates may not add or remove containers'))]
  const deadlineErrors = validateDeadline(spec.activeDeadlineSeconds, old.activeDeadlineSeconds)
  if (deadlineErrors.length) return [...errors, ...deadlineErrors]
  const munged = withMutableOf(spec, old)
  const gatedErrors = old.schedulingGates?.length ? validateGated(munged, old) : []
  return [...errors, ...validateTolerations(spec, old), ...validateGates(spec, old), ...gatedErrors, ...validateRest(munged, old)]
}

function validateRest(munged: PodSpec, old: PodSpec): FieldError[] {
  if (deepEqual(munged, old)) return []
  return [field.forbidden('spec', `pod updates may not change fields other than ${mutable}\n${diffOfPodSpecs(old, munged)}`)]
}

function validateDeadline(seconds: number | undefined, old: number | undefined): FieldError[] {
  const path = 'spec.activeDeadlineSeconds'
  if (seconds === undefined) return old === undefined ? [] : [field.invalid(path, null, 'must not update from a positive integer to nil value')]
  if (seconds < 0 || seconds > 2 ** 31 - 1) return [field.invalid(path, seconds, `must be between 0 and ${2 ** 31 - 1}, inclusive`)]
  return old !== undefined && old < seconds ? [field.invalid(path, seconds, 'must be less than or equal to previous value')] : []
}

/** The new spec with the old values of everything that may change: what differs still is forbidden. */
function withMutableOf(spec: PodSpec, old: PodSpec): PodSpec {
  const munged = deepCopy(spec)
  for (const name of ['containers', 'initContainers'] as const) {
    for (const [index, container] of (munged[name] ?? []).entries()) setOrDrop(container, 'image', old[name]?.[index].image)
  }
  for (const name of ['activeDeadlineSeconds', 'tolerations', 'schedulingGates'] as const) setOrDrop(munged, name, old[name])
  const { terminationGracePeriodSeconds: grace } = old
  if (grace !== undefined && grace < 0 && spec.terminationGracePeriodSeconds === 1) munged.terminationGracePeriodSeconds = grace
  return munged
}

function setOrDrop<T extends object, Key extends keyof T>(target: T, key: Key, value: T[Key] | undefined): void {
  if (value === undefined) delete target[key]
  else target[key] = value
}

function validateTolerations({ tolerations = [] }: PodSpec, old: PodSpec): FieldError[] {
  const identify = ({ key = '', operator = '', value = '', effect = '' }: Toleration) => [key, operator, value, effect].join('\n')
  const kept = new Set(tolerations.map(identify))
  const isLost = (old.tolerations ?? []).some((toleration) => !kept.has(identify(toleration)))
  return isLost ? [field.forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')] : []
}

function validateGates({ schedulingGates = [] }: PodSpec, old: PodSpec): FieldError[] {
  const known = new Set((old.schedulingGates ?? []).map(({ name }) => name))
  return schedulingGates.flatMap(({ name }, index) =>
    known.has(name) ? [] : [field.forbidden(`spec.schedulingGates[${index}].name`, `only deletion is allowed, but found new scheduling gate '${name}'`)],
  )
}

/** A gated pod may narrow down where it runs. Takes out of `munged` what this judges. */
function validateGated(munged: PodSpec, old: PodSpec): FieldError[] {
  const errors: FieldError[] = []
  if (!deepEqual(munged.nodeSelector, old.nodeSelector)) {
    const isNarrower = Object.entries(old.nodeSelector ?? {}).every(([key, value]) => munged.nodeSelector?.[key] === value)
    if (!isNarrower) {
      errors.push(
        field.invalid('spec.nodeSelector', munged.nodeSelector ?? null, 'only additions to spec.nodeSelector are allowed (no mutations or deletions)'),
      )
    }
    setOrDrop(munged, 'nodeSelector', old.nodeSelector)
  }
  const before = old.affinity?.nodeAffinity
  const after = munged.affinity?.nodeAffinity
  if (deepEqual(before, after)) return errors
  const affinity = { ...munged.affinity }
  setOrDrop(affinity, 'nodeAffinity', before)
  setOrDrop(munged, 'affinity', Object.keys(affinity).length || old.affinity ? affinity : undefined)
  return [...errors, ...validateNodeAffinity(after, before)]
}

function validateNodeAffinity(affinity: NodeAffinity | undefined, old: NodeAffinity | undefined): FieldError[] {
  const path = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms'
  const before = old?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  const after = affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  if (!before.length) return []
  if (before.length !== after.length) return [field.invalid(path, after, 'no additions/deletions to non-empty NodeSelectorTerms list are allowed')]
  return after.flatMap((term, index) =>
    onlyAdds(term, before[index]) ? [] : [field.invalid(`${path}[${index}]`, term, 'only additions are allowed (no mutations or deletions)')],
  )
}

function onlyAdds(term: NodeSelectorTerm, old: NodeSelectorTerm): boolean {
  // An empty term matches nothing; with a requirement it would match something.
  if (!old.matchExpressions?.length && !old.matchFields?.length) return deepEqual(term, old)
  const begins = (list: readonly unknown[] = [], start: readonly unknown[] = []) => start.every((each, index) => deepEqual(each, list[index]))
  return begins(term.matchExpressions, old.matchExpressions) && begins(term.matchFields, old.matchFields)
}
