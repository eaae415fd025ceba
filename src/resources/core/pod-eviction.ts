// Eviction: a deletion that asks the pod's disruption budget first.
// Upstream: pkg/registry/core/pod/storage/eviction.go
import {
  type CompanionWrite,
  type DeleteOptions,
  deepCopy,
  failure,
  formatTime,
  matchesLabels,
  type Plain,
  type Status,
  type SubresourceBehaviour,
  type SubresourceContext,
  status,
} from '../../machinery/index.js'
import { podDisruptionBudget } from '../policy/pod-disruption-budget.js'
import type { Pod } from '../shapes/core-v1.js'
import type { Eviction, PodDisruptionBudget } from '../shapes/policy-v1.js'
import { isReady, setCondition } from './pod-status.js'

const success: Plain = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }
const severalBudgets = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.'
const wouldViolate = "Cannot evict pod as it would violate the pod's disruption budget."

// More pods than this on their way out mean that nobody confirms them.
const disruptedPodsMax = 2000

export const podEviction: SubresourceBehaviour<Pod> = {
  // Upstream: EvictionREST.AcceptsGroupVersion
  alsoAccepts: ['policy/v1beta1'],
  create(parent, body: Plain, context, draft) {
    const { metadata, deleteOptions } = body as Eviction
    if (metadata.name !== parent.metadata.name) return { refused: status.badRequest('name in URL does not match name in Eviction object') }
    const remove = (deleteOptions ?? {}) as DeleteOptions
    const dryRun = context.dryRun || (remove.dryRun?.length ?? 0) > 0
    if (needsNoBudget(parent)) return { remove, reply: success }
    const budgets = budgetsOf(parent, context)
    // The answer is a failure inside a success, as upstream has it.
    if (budgets.length > 1) return { reply: failure(500, '', severalBudgets) }
    const alsoWrite: CompanionWrite[] = []
    if (budgets.length && !isSpared(parent, budgets[0])) {
      const outcome = spend(budgets[0], parent.metadata.name as string, context.now)
      if ('refused' in outcome) return outcome
      alsoWrite.push({ verb: 'update', definition: podDisruptionBudget, object: outcome.budget })
    }
    // A precondition that fails is told by the deletion, before anything is written.
    if (dryRun || failsPreconditions(parent, remove)) return { remove, reply: success }
    const write = draft()
    write.status ??= {}
    const condition = { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI', message: 'Eviction API: evicting' }
    setCondition(write.status, condition, context.now)
    return { write, alsoWrite, remove: withoutVersion(remove), reply: success }
  },
}

function failsPreconditions({ metadata }: Pod, { preconditions }: DeleteOptions): boolean {
  const { uid, resourceVersion } = preconditions ?? {}
  return (uid !== undefined && uid !== metadata.uid) || (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)
}

// The condition that is written first moves the version on.
function withoutVersion(options: DeleteOptions): DeleteOptions {
  const { uid } = options.preconditions ?? {}
  return options.preconditions ? { ...options, preconditions: uid === undefined ? {} : { uid } } : options
}

// What does not run disrupts nobody.
function needsNoBudget({ metadata, status: { phase } = {} }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined || phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending'
}

function budgetsOf({ metadata }: Pod, { snapshot }: SubresourceContext): PodDisruptionBudget[] {
  const { labels, namespace } = metadata
  if (!labels) return []
  return snapshot.list(podDisruptionBudget, { namespace }).filter(({ spec }) => matchesLabels(spec.selector, labels))
}

/** An unready pod may go where its going costs nothing. */
function isSpared(pod: Pod, { spec, status: { currentHealthy = 0, desiredHealthy = 0 } }: PodDisruptionBudget): boolean {
  if (isReady(pod)) return false
  return spec.unhealthyPodEvictionPolicy === 'AlwaysAllow' || (currentHealthy >= desiredHealthy && desiredHealthy > 0)
}

/** Takes one disruption out of the budget. @param now milliseconds since the epoch */
function spend(present: PodDisruptionBudget, podName: string, now: number): { refused: Status } | { budget: PodDisruptionBudget } {
  const name = present.metadata.name as string
  const { disruptionsAllowed = 0, observedGeneration = 0, disruptedPods = {} } = present.status
  if (observedGeneration < (present.metadata.generation ?? 0))
    return { refused: tooMany(`The disruption budget ${name} is still being processed by the server.`, 10) }
  const budgets = { group: 'policy', resource: 'poddisruptionbudget' }
  if (disruptionsAllowed < 0) return { refused: status.forbidden(budgets, name, 'pdb disruptions allowed is negative') }
  if (Object.keys(disruptedPods).length > disruptedPodsMax) {
    return { refused: status.forbidden(budgets, name, 'DisruptedPods map too big - too many evictions not confirmed by PDB controller') }
  }
  if (disruptionsAllowed === 0) return { refused: tooMany(describeExhausted(present)) }
  const budget = deepCopy(present)
  budget.status.disruptionsAllowed = disruptionsAllowed - 1
  budget.status.disruptedPods = { ...disruptedPods, [podName]: formatTime(now) }
  if (disruptionsAllowed === 1) noteExhausted(budget, now)
  return { budget }
}

function tooMany(message: string, retryAfterSeconds?: number): Status {
  return status.tooManyRequests(wouldViolate, { causes: [{ reason: 'DisruptionBudget', message }], ...(retryAfterSeconds ? { retryAfterSeconds } : {}) })
}

function describeExhausted({ metadata, status: { conditions, desiredHealthy = 0, currentHealthy = 0 } }: PodDisruptionBudget): string {
  const failed = conditions?.find(({ type, status: value, reason }) => type === 'DisruptionAllowed' && value === 'False' && reason === 'SyncFailed')
  if (failed) return `The disruption budget ${metadata.name} does not allow evicting pods currently because it failed sync: ${failed.message}`
  return `The disruption budget ${metadata.name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`
}

function noteExhausted({ status: budgetStatus }: PodDisruptionBudget, now: number): void {
  const condition = budgetStatus.conditions?.find(({ type }) => type === 'DisruptionAllowed')
  if (!condition || condition.status === 'False') return
  Object.assign(condition, { status: 'False', reason: 'InsufficientPods', lastTransitionTime: formatTime(now) })
}
