// The status of a pod: how it begins, what its kubelet may write.
// Upstream: pkg/registry/core/pod/strategy.go podStatusStrategy, pkg/apis/core/validation/validation.go ValidatePodStatusUpdate
import { deepCopy, type FieldError, field, formatTime, parseIP, validateDNSSubdomain, validateQualifiedName, withMembers } from '../../machinery/index.js'
import type { Container, ContainerStatus, Pod, PodCondition, PodStatus } from '../shapes/core-v1.js'
import { inEach, invalids, optionalText } from './field-checks.js'
import { qosClassOf } from './pod-qos.js'

/** What a new pod's status says. @param now milliseconds since the epoch */
export function initialStatus(pod: Pod, now: number): PodStatus {
  const status: PodStatus = { phase: 'Pending', qosClass: qosClassOf(pod) }
  if (pod.spec.schedulingGates?.length) {
    const message = 'Scheduling is blocked due to non-empty scheduling gates'
    setCondition(status, { type: 'PodScheduled', status: 'False', reason: 'SchedulingGated', message }, now)
  }
  return status
}

/** Sets a condition in place; it keeps its transition time while its status stays. @param now milliseconds since the epoch */
export function setCondition(status: PodStatus, condition: PodCondition, now: number): void {
  const conditions = status.conditions ?? []
  const index = conditions.findIndex(({ type }) => type === condition.type)
  const isSame = conditions[index]?.status === condition.status
  const next = withMembers(condition, { lastTransitionTime: isSame ? conditions[index].lastTransitionTime : formatTime(now) })
  status.conditions = index < 0 ? [...conditions, next] : conditions.with(index, next)
}

export function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false
}

/** Settles a status as it is written: what a writer may leave out, and the addresses that stand in two places. */
export function settleStatus(draft: Pod, old: Pod): void {
  if (old.metadata.ownerReferences) draft.metadata.ownerReferences = deepCopy(old.metadata.ownerReferences)
  else delete draft.metadata.ownerReferences
  draft.status ??= {}
  const { status } = draft
  if (!status.qosClass && old.status?.qosClass) status.qosClass = old.status.qosClass
  keepObservedGenerations(status, old.status)
  const podIPs = settleAddresses(status.podIP, status.podIPs)
  const hostIPs = settleAddresses(status.hostIP, status.hostIPs)
  if (podIPs.length) Object.assign(status, { podIP: podIPs[0].ip, podIPs })
  if (hostIPs.length) Object.assign(status, { hostIP: hostIPs[0].ip, hostIPs })
}

function keepObservedGenerations(status: PodStatus, old: PodStatus | undefined): void {
  if (!status.observedGeneration && old?.observedGeneration) status.observedGeneration = old.observedGeneration
  for (const condition of status.conditions ?? []) {
    const before = condition.observedGeneration ? undefined : old?.conditions?.find(({ type }) => type === condition.type)
    if (before?.observedGeneration) condition.observedGeneration = before.observedGeneration
  }
}

// The single address wins: older kubelets know no other.
function settleAddresses(single: string | undefined, many: { ip: string }[] | undefined): { ip: string }[] {
  const list = many ?? []
  return single && list[0]?.ip !== single ? [{ ip: single }] : list
}

export function validatePodStatus({ spec, status = {} }: Pod, { status: old = {} }: Pod): FieldError[] {
  const policy = spec.restartPolicy
  const { nominatedNodeName } = status
  return [
    ...(old.qosClass && status.qosClass !== old.qosClass ? [field.invalid('status.qosClass', status.qosClass ?? '', 'field is immutable')] : []),
    ...inEach(status.conditions, 'status.conditions', validateCondition),
    ...(nominatedNodeName === old.nominatedNodeName ? [] : optionalText('status.nominatedNodeName', nominatedNodeName, validateDNSSubdomain)),
    ...validateTransitions('containerStatuses', status, old, (name) => mayRestart(spec.containers, name, policy)),
    ...validateTransitions('initContainerStatuses', status, old, (name) => mayRestart(spec.initContainers, name, policy === 'Always' ? 'OnFailure' : policy)),
    ...validateTransitions('ephemeralContainerStatuses', status, old, () => () => false),
    ...validateAddresses(status.podIPs, 'status.podIPs'),
    ...validateAddresses(status.hostIPs, 'status.hostIPs'),
  ]
}

// Conditions of the system have plain names.
const systemConditions = ['PodScheduled', 'Ready', 'Initialized', 'ContainersReady', 'PodReadyToStartContainers', 'DisruptionTarget']

function validateCondition({ type }: PodCondition, path: string): FieldError[] {
  return systemConditions.includes(type) ? [] : invalids(`${path}.Type`, type, validateQualifiedName(type))
}

type MayRestart = (exitCode: number) => boolean

/** Whether a container that ended so may run again. Rules on exit codes are the kubelet's to judge. */
function mayRestart(containers: readonly Container[] | null | undefined, name: string, podPolicy: string | undefined): MayRestart {
  const container = containers?.find((each) => each.name === name)
  const policy = container?.restartPolicy ?? podPolicy
  return (exitCode) => policy === 'Always' || !!container?.restartPolicyRules?.length || (policy === 'OnFailure' && exitCode !== 0)
}

function validateTransitions(
  list: 'containerStatuses' | 'initContainerStatuses' | 'ephemeralContainerStatuses',
  status: PodStatus,
  old: PodStatus,
  restartOf: (name: string) => MayRestart,
): FieldError[] {
  if (!old[list]?.some(({ state }) => state?.terminated)) return []
  const present = new Map<string, ContainerStatus>((status[list] ?? []).map((each) => [each.name, each]))
  return inEach(old[list], `status.${list}`, ({ name, state }, path) => {
    if (!state?.terminated || restartOf(name)(state.terminated.exitCode)) return []
    const next = present.get(name)
    return next && !next.state?.terminated ? [field.forbidden(`${path}.state`, 'may not be transitioned to non-terminated state')] : []
  })
}

function validateAddresses(addresses: readonly { ip?: string }[] | undefined, path: string): FieldError[] {
  if (!addresses?.length) return []
  const families = addresses.map(({ ip = '' }) => parseIP(ip)?.family)
  const errors = inEach(addresses, path, ({ ip = '' }, at, index) =>
    families[index] ? [] : [field.invalid(at, ip, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')],
  )
  const isRepeated = new Set(families).size < families.length
  return isRepeated ? [...errors, field.invalid(path, addresses, 'may specify no more than one IP for each IP family')] : errors
}
