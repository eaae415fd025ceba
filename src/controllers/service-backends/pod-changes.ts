// Pods in order of their namespaces and names: finding one, and what differs between two such lists. Pods that are the same object are the
// same; so a list of many costs little more than a walk along it.
import { knownChanges, lowerBoundBy } from '../../machinery/index.js'
import type { Pod } from '../../resources/index.js'

export interface PodChange {
  /** Absent when the pod is new. */
  old?: Pod
  /** Absent when the pod is gone. */
  pod?: Pod
}

/** @param before and `after`: in order, as indexes have them */
export function podChanges(before: readonly Pod[], after: readonly Pod[]): PodChange[] {
  const known = knownChanges(before, after) as readonly { old?: Pod; object?: Pod }[] | undefined
  if (known) return known.map(({ old, object }) => ({ old, pod: object })).sort((one, other) => compareTexts(pathIn(one), pathIn(other)))
  const changes: PodChange[] = []
  let [index, at] = [0, 0]
  while (index < before.length || at < after.length) {
    const old = before[index]
    const pod = after[at]
    const order = old === pod ? 0 : !old ? 1 : !pod ? -1 : compareTexts(pathOf(old), pathOf(pod))
    if (order <= 0) index++
    if (order >= 0) at++
    if (order < 0) changes.push({ old })
    else if (order > 0) changes.push({ pod })
    else if (old !== pod) changes.push({ old, pod })
  }
  return changes
}

/** @param pods of one namespace, in order of their names */
export function podNamed(pods: readonly Pod[], name: string): Pod | undefined {
  const found = pods[lowerBoundBy(pods, nameOf, name)]
  return found && nameOf(found) === name ? found : undefined
}

const nameOf = ({ metadata }: Pod) => metadata.name ?? ''
const pathOf = ({ metadata }: Pod) => `${metadata.namespace}/${metadata.name}`
const pathIn = ({ old, pod }: PodChange) => pathOf((pod ?? old) as Pod)
const compareTexts = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0)
