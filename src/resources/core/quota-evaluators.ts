// What one object takes from a quota: pods by what they ask for, services by their ports, claims by their size, all else by
// its number.
// Upstream: pkg/quota/v1/evaluator/core, apiserver/pkg/quota/v1/generic/evaluator.go
// Differs: resource claims are counted, not weighed by the devices they ask for.
import { type KubeObject, parseQuantity, type Quantity, type ResourceDefinition } from '../../machinery/index.js'
import type { PersistentVolumeClaim, Pod, ScopedResourceSelectorRequirement, Service } from '../shapes/core-v1.js'
import { persistentVolumeClaim } from './persistent-volume-claim.js'
import { pod } from './pod.js'
import type { Resources } from './pod-resources.js'
import { singleAmount, wholeNumber } from './quota-amounts.js'
import { describeMissing, isPodAmount, isWeighed, podUsage } from './quota-pods.js'
import { claimIsInScope, isBounded, podIsInScope } from './quota-scopes.js'
import { service } from './service.js'

export interface QuotaEvaluator<T extends KubeObject = KubeObject> {
  /** Whether objects of the kind take anything of this name. */
  counts(name: string): boolean
  /** @param now milliseconds since the epoch */
  usage(object: T, now: number): Resources
  /** Kinds without this are in no scope. */
  isInScope?(object: T, scope: ScopedResourceSelectorRequirement): boolean
  /** Why an object may not be counted because it does not say what it needs. */
  describeMissing?(object: T, names: readonly string[]): string | undefined
  /** Whether this update may take more than before. */
  isChecked?(next: T, old: T, subresource: string): boolean
  /** Whether this update gives something back, so that usage must be counted anew. @param now milliseconds since the epoch */
  givesBack?(next: T, old: T, now: number): boolean
}

// Events come and go; the rest is answered and never stored.
const ignoredGroups = ['authentication.k8s.io', 'authorization.k8s.io', 'events.k8s.io']
const ignoredCore = ['bindings', 'events']

/** @returns nothing for kinds that no quota counts */
// biome-ignore lint/suspicious/noExplicitAny: each evaluator knows the kind it is found by
export function quotaEvaluatorOf(definition: ResourceDefinition): QuotaEvaluator<any> | undefined {
  const { group, plural, namespaced } = definition
  if (!namespaced || ignoredGroups.includes(group) || (!group && ignoredCore.includes(plural))) return undefined
  return evaluators[`${plural}.${group}`] ?? counter(definition)
}

const aliases: Record<string, string> = {
  'configmaps.': 'configmaps',
  'replicationcontrollers.': 'replicationcontrollers',
  'resourcequotas.': 'resourcequotas',
  'secrets.': 'secrets',
}

function counter({ plural, group }: ResourceDefinition): QuotaEvaluator {
  const names = [group ? `count/${plural}.${group}` : `count/${plural}`, aliases[`${plural}.${group}`] ?? []].flat()
  return { counts: (name) => names.includes(name), usage: () => new Map(names.map((name) => [name, singleAmount])) }
}

const pods: QuotaEvaluator<Pod> = {
  counts: isPodAmount,
  usage: podUsage,
  isInScope: podIsInScope,
  describeMissing,
  isChecked: (next, old, subresource) => subresource === 'resize' || (!subresource && isBounded(next) !== isBounded(old)),
  givesBack: (next, old, now) => (isWeighed(old, now) && !isWeighed(next, now)) || isBounded(next) !== isBounded(old),
}

const nodePorts = 'services.nodeports'
const loadBalancers = 'services.loadbalancers'
const serviceNames = ['count/services', 'services', nodePorts, loadBalancers]

const services: QuotaEvaluator<Service> = {
  counts: (name) => serviceNames.includes(name),
  usage({ spec }) {
    const { type, ports = [], allocateLoadBalancerNodePorts } = spec
    const mayLackNodePorts = type === 'LoadBalancer' && allocateLoadBalancerNodePorts === false
    const counted = mayLackNodePorts ? ports.filter(({ nodePort }) => nodePort) : hasNodePorts(type) ? ports : []
    return new Map([
      ['count/services', singleAmount],
      ['services', singleAmount],
      [loadBalancers, wholeNumber(type === 'LoadBalancer' ? 1 : 0)],
      [nodePorts, wholeNumber(counted.length)],
    ])
  },
  isChecked: (_next, _old, subresource) => !subresource,
  givesBack: ({ spec: next }, { spec: old }) => (hasNodePorts(next.type) ? next.type : '') !== (hasNodePorts(old.type) ? old.type : ''),
}

function hasNodePorts(type: string | undefined): boolean {
  return type === 'NodePort' || type === 'LoadBalancer'
}

const classSuffix = '.storageclass.storage.k8s.io/'
const claimCount = 'persistentvolumeclaims'
const storageAmount = 'requests.storage'
const classAnnotation = 'volume.beta.kubernetes.io/storage-class'

const claims: QuotaEvaluator<PersistentVolumeClaim> = {
  counts(name) {
    const known = [claimCount, storageAmount]
    return name === `count/${claimCount}` || known.includes(name) || known.some((each) => name.endsWith(`${classSuffix}${each}`))
  },
  usage(claim) {
    const usage: Resources = new Map([
      [claimCount, singleAmount],
      [`count/${claimCount}`, singleAmount],
    ])
    const storageClass = claim.metadata.annotations?.[classAnnotation] ?? claim.spec.storageClassName
    const storage = storageOf(claim)
    if (storageClass) usage.set(`${storageClass}${classSuffix}${claimCount}`, singleAmount)
    if (storage) usage.set(storageAmount, storage)
    if (storage && storageClass) usage.set(`${storageClass}${classSuffix}${storageAmount}`, storage)
    return usage
  },
  isInScope: claimIsInScope,
  isChecked: (_next, _old, subresource) => !subresource,
  givesBack: ({ status: next }, { status: old }) => next.allocatedResources?.storage !== old.allocatedResources?.storage,
}

/** What is asked for, or what has been promised since when that is more; whole bytes. */
function storageOf({ spec, status }: PersistentVolumeClaim): Quantity | undefined {
  const asked = parseQuantity(spec.resources.requests?.storage ?? '')
  const promised = parseQuantity(status?.allocatedResources?.storage ?? '')
  if (!asked) return undefined
  const { nanos, format } = promised && promised.nanos > asked.nanos ? promised : asked
  const rest = nanos % singleAmount.nanos
  return { nanos: rest === 0n ? nanos : nanos - rest + singleAmount.nanos, format }
}

const evaluators: Record<string, QuotaEvaluator<never>> = {
  [`${pod.plural}.`]: pods,
  [`${service.plural}.`]: services,
  [`${persistentVolumeClaim.plural}.`]: claims,
}
