// LimitRanger: containers get the defaults of their namespace, and nothing may ask for less or more than it allows.
// Upstream: plugin/pkg/admission/limitranger/admission.go
import { type Admission, type AdmissionRequest, type AdmissionStep, formatQuantity, parseQuantity, type Quantity } from '../machinery/index.js'
import {
  type Container,
  type LimitRange,
  type LimitRangeItem,
  limitRange,
  type PersistentVolumeClaim,
  type Pod,
  persistentVolumeClaim,
  pod,
  podLimits,
  podRequests,
  type Resources,
  readResources,
} from '../resources/index.js'
import { forbid } from './refusal.js'

const annotation = 'kubernetes.io/limit-ranger'

export const limitRanger: AdmissionStep = {
  plugin: 'LimitRanger',
  resources: [pod.key, persistentVolumeClaim.key],
  operations: ['CREATE', 'UPDATE'],
  admit(request) {
    if (!concerns(request) || request.old?.metadata.deletionTimestamp) return undefined
    const ranges = request.snapshot.list(limitRange, { namespace: request.namespace })
    if (!ranges.length) return undefined
    return request.definition.key === pod.key ? admitPod(request, ranges) : admitClaim(request, ranges)
  },
}

// Resources of a pod change through its resize alone.
function concerns({ definition, operation, subresource }: AdmissionRequest): boolean {
  if (definition.key === pod.key && operation === 'UPDATE') return subresource === 'resize'
  return !subresource
}

function admitPod(request: AdmissionRequest<Pod>, ranges: readonly LimitRange[]): Admission {
  for (const range of ranges) fillDefaults(request.object, range)
  return firstRefusal(request, ranges, (item) => podProblems(request.object, item))
}

function admitClaim(request: AdmissionRequest<PersistentVolumeClaim>, ranges: readonly LimitRange[]): Admission {
  return firstRefusal(request, ranges, (item) => claimProblems(request.object, item))
}

// biome-ignore lint/suspicious/noExplicitAny: pods and claims are refused alike
function firstRefusal(request: AdmissionRequest<any>, ranges: readonly LimitRange[], problemsOf: (item: LimitRangeItem) => string[]): Admission {
  for (const { spec } of ranges) {
    const problems = [...new Set((spec?.limits ?? []).flatMap(problemsOf))]
    if (problems.length) return forbid(request, problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`)
  }
  return undefined
}

/** Notes in an annotation what it has filled in. */
function fillDefaults({ metadata, spec }: Pod, { spec: range }: LimitRange): void {
  const items = (range?.limits ?? []).filter(({ type }) => type === 'Container')
  const requests = Object.assign({}, ...items.map(({ defaultRequest }) => defaultRequest))
  const limits = Object.assign({}, ...items.map((item) => item.default))
  const notes = [
    ...(spec.containers ?? []).flatMap((container) => fillContainer(container, requests, limits, 'container')),
    ...(spec.initContainers ?? []).flatMap((container) => fillContainer(container, requests, limits, 'init container')),
  ]
  if (notes.length) metadata.annotations = { ...metadata.annotations, [annotation]: `LimitRanger plugin set: ${notes.join('; ')}` }
}

function fillContainer(container: Container, requests: Record<string, string>, limits: Record<string, string>, noun: string): string[] {
  const { resources } = container
  const [newRequests, newLimits] = [missing(requests, resources.requests), missing(limits, resources.limits)]
  if (newRequests.length) resources.requests = { ...pick(requests, newRequests), ...resources.requests }
  if (newLimits.length) resources.limits = { ...pick(limits, newLimits), ...resources.limits }
  const note = (names: string[], side: string) => (names.length ? [`${names.join(', ')} ${side} for ${noun} ${container.name}`] : [])
  return [...note(newRequests, 'request'), ...note(newLimits, 'limit')]
}

function missing(defaults: Record<string, string>, given: Record<string, string> = {}): string[] {
  return Object.keys(defaults)
    .filter((name) => !Object.hasOwn(given, name))
    .sort()
}

function pick(from: Record<string, string>, names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, from[name]]))
}

function podProblems(object: Pod, item: LimitRangeItem): string[] {
  if (item.type === 'Pod') return boundProblems(item, podRequests(object), podLimits(object))
  if (item.type !== 'Container') return []
  const containers = [...(object.spec.containers ?? []), ...(object.spec.initContainers ?? [])]
  return containers.flatMap(({ resources }) => boundProblems(item, readResources(resources.requests), readResources(resources.limits)))
}

function boundProblems(item: LimitRangeItem, requests: Resources, limits: Resources): string[] {
  return [
    ...bounds(item.min).flatMap(([name, bound]) => belowMin(item.type, name, bound, requests.get(name), limits.get(name))),
    ...bounds(item.max).flatMap(([name, bound]) => aboveMax(item.type, name, bound, requests.get(name), limits.get(name))),
    ...bounds(item.maxLimitRequestRatio).flatMap(([name, bound]) => aboveRatio(item.type, name, bound, requests.get(name), limits.get(name))),
  ]
}

function claimProblems({ spec }: PersistentVolumeClaim, item: LimitRangeItem): string[] {
  if (item.type !== 'PersistentVolumeClaim') return []
  const requests = readResources(spec.resources.requests)
  return [
    ...bounds(item.min).flatMap(([name, bound]) => belowMin(item.type, name, bound, requests.get(name), undefined)),
    ...bounds(item.max).flatMap(([name, bound]) => aboveRequestMax(item.type, name, bound, requests.get(name))),
  ]
}

const bounds = (texts: Record<string, string> | undefined) => [...readResources(texts)]

// Upstream says one thing for a bound: the first that is wrong.
function belowMin(type: string, name: string, bound: Quantity, request: Quantity | undefined, limit: Quantity | undefined): string[] {
  const rule = `minimum ${name} usage per ${type} is ${formatQuantity(bound)}`
  if (!request) return [`${rule}.  No request is specified`]
  if (request.nanos < bound.nanos) return [`${rule}, but request is ${formatQuantity(request)}`]
  return limit && limit.nanos < bound.nanos ? [`${rule}, but limit is ${formatQuantity(limit)}`] : []
}

function aboveMax(type: string, name: string, bound: Quantity, request: Quantity | undefined, limit: Quantity | undefined): string[] {
  const rule = `maximum ${name} usage per ${type} is ${formatQuantity(bound)}`
  if (!limit) return [`${rule}.  No limit is specified`]
  if (limit.nanos > bound.nanos) return [`${rule}, but limit is ${formatQuantity(limit)}`]
  return request && request.nanos > bound.nanos ? [`${rule}, but request is ${formatQuantity(request)}`] : []
}

function aboveRequestMax(type: string, name: string, bound: Quantity, request: Quantity | undefined): string[] {
  const rule = `maximum ${name} usage per ${type} is ${formatQuantity(bound)}`
  if (!request) return [`${rule}.  No request is specified`]
  return request.nanos > bound.nanos ? [`${rule}, but request is ${formatQuantity(request)}`] : []
}

function aboveRatio(type: string, name: string, bound: Quantity, request: Quantity | undefined, limit: Quantity | undefined): string[] {
  const rule = `${name} max limit to request ratio per ${type} is ${formatQuantity(bound)}`
  if (!request?.nanos) return [`${rule}, but no request is specified or request is 0`]
  if (!limit?.nanos) return [`${rule}, but no limit is specified or limit is 0`]
  const isAbove = limit.nanos * one.nanos > bound.nanos * request.nanos
  return isAbove ? [`${rule}, but provided ratio is ${(Number(limit.nanos) / Number(request.nanos)).toFixed(6)}`] : []
}

const one = parseQuantity('1') as Quantity
