// What a namespace on its way out says of itself.
// Upstream: pkg/controller/namespace/deletion/status_condition_utils.go
import { formatTime } from '../../machinery/index.js'
import type { NamespaceCondition } from '../../resources/index.js'

/** What is left in a namespace: instances by `pods.` or `deployments.apps`, and by finalizer. */
export interface Remains {
  resources: ReadonlyMap<string, number>
  finalizers: ReadonlyMap<string, number>
}

const successes: readonly NamespaceCondition[] = [
  { type: 'NamespaceDeletionDiscoveryFailure', status: 'False', reason: 'ResourcesDiscovered', message: 'All resources successfully discovered' },
  { type: 'NamespaceDeletionGroupVersionParsingFailure', status: 'False', reason: 'ParsedGroupVersions', message: 'All legacy kube types successfully parsed' },
  {
    type: 'NamespaceDeletionContentFailure',
    status: 'False',
    reason: 'ContentDeleted',
    message: 'All content successfully deleted, may be waiting on finalization',
  },
  { type: 'NamespaceContentRemaining', status: 'False', reason: 'ContentRemoved', message: 'All content successfully removed' },
  { type: 'NamespaceFinalizersRemaining', status: 'False', reason: 'ContentHasNoFinalizers', message: 'All content-preserving finalizers finished' },
]

/**
 * The conditions as they should read; those that stay keep their transition time, foreign ones their place.
 * @param now milliseconds since the epoch
 */
export function namespaceConditions(present: readonly NamespaceCondition[], { resources, finalizers }: Remains, now: number): NamespaceCondition[] {
  const troubles = new Map<string, NamespaceCondition>()
  if (resources.size) {
    const message = `Some resources are remaining: ${described(resources, 'has', 'resource instances')}`
    troubles.set('NamespaceContentRemaining', { type: 'NamespaceContentRemaining', status: 'True', reason: 'SomeResourcesRemain', message })
  }
  if (finalizers.size) {
    const message = `Some content in the namespace has finalizers remaining: ${described(finalizers, 'in', 'resource instances')}`
    troubles.set('NamespaceFinalizersRemaining', { type: 'NamespaceFinalizersRemaining', status: 'True', reason: 'SomeFinalizersRemain', message })
  }
  const conditions = [...present]
  for (const success of successes) place(conditions, troubles.get(success.type) ?? success, now)
  return conditions
}

function place(conditions: NamespaceCondition[], wanted: NamespaceCondition, now: number): void {
  const index = conditions.findIndex(({ type }) => type === wanted.type)
  const before = conditions[index]
  if (before && before.status === wanted.status && before.message === wanted.message && before.reason === wanted.reason) return
  const { type, status, reason, message } = wanted
  const condition = { type, status, lastTransitionTime: formatTime(now), reason, message }
  if (before) conditions[index] = condition
  else conditions.push(condition)
}

function described(counts: ReadonlyMap<string, number>, verb: string, noun: string): string {
  return [...counts]
    .map(([name, count]) => `${name} ${verb} ${count} ${noun}`)
    .sort()
    .join(', ')
}
