// ResourceQuota: nothing is made that would take more than the quotas of its namespace leave, and what is made is booked at
// once, with the write itself.
// Upstream: apiserver/pkg/admission/plugin/resourcequota/controller.go CheckRequest
import type { Admission, AdmissionRequest, AdmissionStep, CompanionWrite, KubeObject } from '../machinery/index.js'
import {
  addAmounts,
  amountsText,
  increaseOfAmounts,
  pickAmounts,
  type QuotaEvaluator,
  quotaEvaluatorOf,
  type ResourceQuota,
  type Resources,
  readResources,
  resourceQuota,
  scopesOf,
  writeAmounts,
} from '../resources/index.js'
import { forbid } from './refusal.js'

export const resourceQuotaStep: AdmissionStep = {
  plugin: 'ResourceQuota',
  operations: ['CREATE', 'UPDATE'],
  runsOnceNamed: true,
  admit(request) {
    if (!request.namespace) return undefined
    const quotas = request.snapshot.list(resourceQuota, { namespace: request.namespace })
    const evaluator = quotas.length ? quotaEvaluatorOf(request.definition) : undefined
    return evaluator && isChecked(request, evaluator) ? book(request, evaluator, quotas) : undefined
  },
}

function isChecked({ operation, object, old, subresource }: AdmissionRequest, evaluator: QuotaEvaluator): boolean {
  if (operation === 'CREATE') return !subresource
  return old !== undefined && (evaluator.isChecked?.(object, old, subresource) ?? false)
}

function book(request: AdmissionRequest, evaluator: QuotaEvaluator, quotas: readonly ResourceQuota[]): Admission {
  const { object, snapshot } = request
  const concerned = quotas.filter((quota) => isConcerned(quota, object, evaluator))
  for (const quota of concerned) {
    const problem = describeUnusable(quota, object, evaluator)
    if (problem) return forbid(request, problem)
  }
  const usage = evaluator.usage(object, snapshot.now)
  const companions: CompanionWrite[] = []
  for (const quota of concerned) {
    const booked = bookOn(quota, deltaFor(quota, usage, request, evaluator))
    if (typeof booked === 'string') return forbid(request, booked)
    if (booked) companions.push({ verb: 'update', definition: resourceQuota, object: booked })
  }
  return companions.length ? { companions } : undefined
}

/** A quota counts what its limits name, in its scopes; its status says which limits are in force. */
function isConcerned(quota: ResourceQuota, object: KubeObject, evaluator: QuotaEvaluator): boolean {
  if (!namesOf(quota.status.hard).some((name) => evaluator.counts(name))) return false
  return scopesOf(quota).every((scope) => evaluator.isInScope?.(object, scope) ?? false)
}

const namesOf = (amounts: Readonly<Record<string, string>> | undefined) => Object.keys(amounts ?? {})

function describeUnusable({ metadata, status }: ResourceQuota, object: KubeObject, evaluator: QuotaEvaluator): string | undefined {
  const limited = namesOf(status.hard).filter((name) => evaluator.counts(name))
  const missing = evaluator.describeMissing?.(object, limited)
  if (missing) return `failed quota: ${metadata.name}: ${missing}`
  const isKnown = limited.every((name) => Object.hasOwn(status.used ?? {}, name))
  return isKnown ? undefined : `status unknown for quota: ${metadata.name}, resources: ${limited.sort().join(',')}`
}

/** An object that a quota already counts takes only what it takes more than before. */
function deltaFor(quota: ResourceQuota, usage: Resources, { operation, old, snapshot }: AdmissionRequest, evaluator: QuotaEvaluator): Resources {
  const isCounted = operation === 'UPDATE' && old !== undefined && isConcerned(quota, old, evaluator)
  const delta = isCounted ? increaseOfAmounts(usage, evaluator.usage(old, snapshot.now)) : usage
  return pickAmounts(delta, (name, { nanos }) => nanos !== 0n && Object.hasOwn(quota.status.hard ?? {}, name))
}

/** @returns the quota with the booking in it, nothing when there is nothing to book, or why it does not fit */
function bookOn(quota: ResourceQuota, delta: Resources): ResourceQuota | string | undefined {
  if (!delta.size) return undefined
  const hard = readResources(quota.status.hard)
  const used = readResources(quota.status.used)
  const total = addAmounts(used, delta)
  const isExceeded = (name: string) => delta.has(name) && (total.get(name)?.nanos ?? 0n) > (hard.get(name)?.nanos ?? 0n)
  const [requested, present, limited] = [delta, used, hard].map((amounts) => amountsText(pickAmounts(amounts, isExceeded)))
  if (requested) return `exceeded quota: ${quota.metadata.name}, requested: ${requested}, used: ${present}, limited: ${limited}`
  return { ...quota, status: { ...quota.status, used: writeAmounts(total) } }
}
