// Which pods a pod wants near, and which it does not want near.
// Upstream: pkg/scheduler/framework/plugins/interpodaffinity
import type { Node, Pod, PodAffinityTerm } from '../../resources/index.js'
import { DomainCounts } from './domain-counts.js'
import { affinityTerms, antiAffinityTerms, guardKindsOf, type Neighbourhood } from './neighbourhood.js'
import { compileSelection, selectionOfTerm } from './selection.js'

export const affinityReason = "node(s) didn't match pod affinity rules"
export const antiAffinityReason = "node(s) didn't match pod anti-affinity rules"
export const guardedReason = "node(s) didn't satisfy existing pods anti-affinity rules"

export interface AffinityVerdict {
  reason: string
  /** Whether no pod that went would help. */
  isUnresolvable: boolean
}

/** Judges nodes as if certain pods were gone. */
export type AffinityRule = (gone: readonly Pod[]) => (node: Node) => AffinityVerdict | undefined

/** Pods that count for a term, by domain. */
interface Company {
  key: string
  counts: DomainCounts
  isMeant(pod: Pod): boolean
}

/** Looks at the cluster once for a pod; the answer judges nodes. Nothing when the pod and its neighbours do not care. */
export function podAffinityRule(pod: Pod, neighbourhood: Neighbourhood): AffinityRule | undefined {
  const wanted = affinityTerms(pod).map((term) => companyOf(term, pod, neighbourhood))
  const unwanted = antiAffinityTerms(pod).map((term) => companyOf(term, pod, neighbourhood))
  const guards = guardsOf(pod, neighbourhood)
  if (!wanted.length && !unwanted.length && !guards.length) return undefined
  const isOfThemAll = wanted.every(({ isMeant }) => isMeant(pod))
  return (gone) => {
    const present = ({ counts, isMeant, ...rest }: Company) => ({ ...rest, counts: counts.without(gone.filter(isMeant)) })
    const [near, far, guarded] = [wanted.map(present), unwanted.map(present), guards.map(present)]
    // The first of a group that wants its own kind near has to start somewhere.
    const isFirst = isOfThemAll && near.every(({ counts }) => counts.isEmpty)
    return ({ metadata: { labels = {} } }) => {
      const isIn = ({ key, counts }: { key: string; counts: DomainCounts }) => Object.hasOwn(labels, key) && counts.of(labels[key]) > 0
      const hasWanted = near.every((each) => (isFirst ? Object.hasOwn(labels, each.key) : isIn(each)))
      if (!hasWanted) return { reason: affinityReason, isUnresolvable: true }
      if (far.some(isIn)) return { reason: antiAffinityReason, isUnresolvable: false }
      return guarded.some(isIn) ? { reason: guardedReason, isUnresolvable: false } : undefined
    }
  }
}

/** Weights of preferred terms by node name. */
export function preferredAffinity(pod: Pod, neighbourhood: Neighbourhood): ((node: Node) => number) | undefined {
  const near = pod.spec.affinity?.podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
  const far = pod.spec.affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
  if (!near.length && !far.length) return undefined
  const terms = [...near.map((each) => ({ ...each, sign: 1 })), ...far.map((each) => ({ ...each, sign: -1 }))].map(
    ({ weight, podAffinityTerm: term, sign }) => ({ weight: sign * weight, ...companyOf(term, pod, neighbourhood) }),
  )
  return ({ metadata: { labels = {} } }) => terms.reduce((sum, { weight, key, counts }) => sum + weight * counts.of(labels[key] ?? ''), 0)
}

function companyOf(term: PodAffinityTerm, pod: Pod, neighbourhood: Neighbourhood): Company {
  const key = term.topologyKey
  const homes = neighbourhood.homesBy(key)
  const selection = selectionOfTerm(term, pod, neighbourhood.namespaces)
  if (!selection) return { key, counts: new DomainCounts(homes, new Map()), isMeant: () => false }
  return { key, counts: new DomainCounts(homes, neighbourhood.countsOf(selection, homes)), isMeant: compileSelection(selection) }
}

/** Pods that do not want this one near. */
function guardsOf(pod: Pod, neighbourhood: Neighbourhood): Company[] {
  const against = neighbourhood.guards().filter(({ isMeant }) => isMeant(pod))
  return against.map(({ kind, topologyKey: key, counts }) => ({
    key,
    counts: new DomainCounts(neighbourhood.homesBy(key), counts),
    isMeant: (other) => guardKindsOf(other).includes(kind),
  }))
}
