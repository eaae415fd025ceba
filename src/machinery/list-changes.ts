// What has changed from one list of an index to a later one: who keeps a list from look to look need not compare tens of thousands.
import type { KubeObject } from './object.js'

export interface ListChange {
  /** Absent when the object is new in the list. */
  readonly old?: KubeObject
  /** Absent when the object is gone from it. */
  readonly object?: KubeObject
}

/** By namespace and name, in the order of the lists. */
export type ListChanges = ReadonlyMap<string, ListChange>

interface Step {
  /** Lists of long ago are not kept for this. */
  readonly from: WeakRef<readonly KubeObject[]>
  readonly changes: ListChanges
}

const steps = new WeakMap<readonly KubeObject[], Step>()

// A list that lies further back is compared.
const stepsMax = 8

/** Says how `list` came to be. */
export function rememberStep(list: readonly KubeObject[], from: readonly KubeObject[], changes: ListChanges): void {
  steps.set(list, { from: new WeakRef(from), changes })
}

/** What has changed, if it is known, in no order. Neither list may be changed. */
export function knownChanges(before: readonly KubeObject[], after: readonly KubeObject[]): readonly ListChange[] | undefined {
  const changes = new Map<string, ListChange>()
  let list: readonly KubeObject[] | undefined = after
  for (let count = 0; count < stepsMax && list; count++) {
    if (list === before) return [...changes.values()].filter(({ old, object }) => old !== object)
    const step: Step | undefined = steps.get(list)
    for (const [path, { old, object }] of step?.changes ?? []) changes.set(path, { old, object: changes.has(path) ? changes.get(path)?.object : object })
    list = step?.from.deref()
  }
  return undefined
}
