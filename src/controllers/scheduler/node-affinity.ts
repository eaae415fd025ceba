// Which nodes a pod asks for by their labels.
// Upstream: component-helpers/scheduling/corev1/nodeaffinity/nodeaffinity.go
import { matchesMap } from '../../machinery/index.js'
import type { Node, NodeSelectorRequirement, NodeSelectorTerm, Pod } from '../../resources/index.js'

export function matchesNodeAffinity({ spec }: Pod, node: Node): boolean {
  if (spec.nodeSelector && !matchesMap(spec.nodeSelector, node.metadata.labels ?? {})) return false
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return !required || (required.nodeSelectorTerms ?? []).some((term) => matchesTerm(term, node))
}

/**
 * The only nodes a pod may go to, when every term of its affinity has names, as those of a DaemonSet's pods have.
 * Upstream: pkg/scheduler/framework/plugins/nodeaffinity/node_affinity.go PreFilter
 */
export function namedNodes({ spec }: Pod): readonly string[] | undefined {
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  const names = terms.map(({ matchFields = [] }) => matchFields.filter(({ key, operator }) => key === 'metadata.name' && operator === 'In'))
  if (!terms.length || names.some(({ length }) => !length)) return undefined
  return [...new Set(names.flatMap((requirements) => requirements[0].values ?? []))].sort()
}

export const hasPreferences = ({ spec }: Pod): boolean => (spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution?.length ?? 0) > 0

/** The weights of all preferences that the node meets. */
export function preferenceFor({ spec }: Pod, node: Node): number {
  const preferred = spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
  return preferred.reduce((sum, { weight, preference }) => (matchesTerm(preference, node) ? sum + weight : sum), 0)
}

// A term that asks for nothing matches nothing.
function matchesTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, { metadata }: Node): boolean {
  if (!matchExpressions.length && !matchFields.length) return false
  const { name, labels = {} } = metadata
  return (
    matchExpressions.every((requirement) => meets(requirement, Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined)) &&
    matchFields.every((requirement) => meets(requirement, requirement.key === 'metadata.name' ? name : undefined))
  )
}

function meets({ operator, values = [] }: NodeSelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return compares(value, values[0], (one, other) => one > other)
    case 'Lt':
      return compares(value, values[0], (one, other) => one < other)
    default:
      return false
  }
}

const wholeNumber = /^[-+]?\d{1,19}$/

function compares(value: string | undefined, bound: string | undefined, holds: (one: bigint, other: bigint) => boolean): boolean {
  if (value === undefined || bound === undefined || !wholeNumber.test(value) || !wholeNumber.test(bound)) return false
  return holds(BigInt(value.replace('+', '')), BigInt(bound.replace('+', '')))
}
