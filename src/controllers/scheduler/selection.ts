// Selection: the pods that a term of affinity or a constraint of spreading means.
import { compileLabelSelector, type LabelSelector, matchesLabels } from '../../machinery/index.js'
import type { Namespace, Pod, PodAffinityTerm, TopologySpreadConstraint } from '../../resources/index.js'

export interface Selection {
  namespaces: readonly string[]
  selector: LabelSelector
  /** Whether pods that are being deleted count. */
  countsLeaving: boolean
  /** The same text for the same pods. */
  key: string
}

interface Wording {
  labelSelector?: LabelSelector
  matchLabelKeys?: readonly string[]
  mismatchLabelKeys?: readonly string[]
}

/** A selector that says by values what the term says by keys alone. Nothing: no pod is meant. */
function selectorOf({ labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] }: Wording, owner: Pod): LabelSelector | undefined {
  if (!labelSelector) return undefined
  const { labels = {} } = owner.metadata
  const like = (keys: readonly string[], operator: string) =>
    keys.flatMap((key) => (Object.hasOwn(labels, key) ? [{ key, operator, values: [labels[key]] }] : []))
  const added = [...like(matchLabelKeys, 'In'), ...like(mismatchLabelKeys, 'NotIn')]
  return added.length ? { ...labelSelector, matchExpressions: [...(labelSelector.matchExpressions ?? []), ...added] } : labelSelector
}

function selection(namespaces: readonly string[], selector: LabelSelector, countsLeaving: boolean): Selection {
  return { namespaces, selector, countsLeaving, key: JSON.stringify([namespaces, selector, countsLeaving]) }
}

export function selectionOfTerm(term: PodAffinityTerm, owner: Pod, namespaces: () => readonly Namespace[]): Selection | undefined {
  const selector = selectorOf(term, owner)
  return selector && selection(namespacesOf(term, owner, namespaces), selector, true)
}

function namespacesOf({ namespaces: named = [], namespaceSelector }: PodAffinityTerm, owner: Pod, namespaces: () => readonly Namespace[]): string[] {
  if (!namespaceSelector) return named.length ? [...named] : [owner.metadata.namespace as string]
  const matching = namespaces().filter(({ metadata }) => matchesLabels(namespaceSelector, metadata.labels ?? {}))
  return [...new Set([...named, ...matching.map(({ metadata }) => metadata.name as string)])]
}

export function selectionOfConstraint(constraint: TopologySpreadConstraint, owner: Pod): Selection | undefined {
  const selector = selectorOf(constraint, owner)
  return selector && selection([owner.metadata.namespace as string], selector, false)
}

/** A test that is worth making once for many pods. */
export function compileSelection({ namespaces, selector, countsLeaving }: Selection): (pod: Pod) => boolean {
  const isMeant = compileLabelSelector(selector)
  const isNear = namespaces.length === 1 ? (namespace: string) => namespace === namespaces[0] : isIn(new Set(namespaces))
  return ({ metadata }) => isNear(metadata.namespace as string) && (countsLeaving || !metadata.deletionTimestamp) && isMeant(metadata.labels)
}

const isIn = (names: ReadonlySet<string>) => (name: string) => names.has(name)

/** A label that all pods of a selection carry, if it is that simple. */
export function sureLabelOf({ matchLabels = {}, matchExpressions = [] }: LabelSelector): readonly [key: string, value: string] | undefined {
  const [first] = Object.entries(matchLabels ?? {})
  const only = (matchExpressions ?? []).find(({ operator, values }) => operator === 'In' && values?.length === 1)
  return first ?? (only?.values && [only.key, only.values[0]])
}
