// Lists as they were at earlier revisions. Who reads in pages asks for the same one again and again.
import type { Stored, WatchEvent } from './store.js'

// So many readers of pages are served without making their list anew.
const listsMax = 8

interface PastList {
  revision: number
  resource: string
  namespace: string
  items: readonly Stored[]
}

export class PastLists {
  /** The one that was asked for last stands last. */
  #lists: PastList[] = []

  /** @param make what it was, if it is not known */
  get(revision: number, resource: string, namespace: string, make: () => readonly Stored[]): readonly Stored[] {
    const known = this.#lists.find((list) => list.revision === revision && list.resource === resource && list.namespace === namespace)
    const list = known ?? { revision, resource, namespace, items: make() }
    this.#lists = [...this.#lists.filter((each) => each !== known), list].slice(-listsMax)
    return list.items
  }

  /** Lists hold objects that are nowhere else: they go with the past that can be asked for. */
  forgetBefore(compacted: number): void {
    if (this.#lists.some(({ revision }) => revision < compacted)) this.#lists = this.#lists.filter(({ revision }) => revision >= compacted)
  }
}

/** What a list was before these events. @param isInside whether an object is of those that are listed */
export function listBefore(events: readonly WatchEvent[], now: readonly Stored[], isInside: (stored: Stored) => boolean): readonly Stored[] {
  const past = new Map<string, Stored | undefined>()
  // The oldest event of an object knows what stood before it.
  for (const { stored, old } of events) if (isInside(stored) && !past.has(stored.path)) past.set(stored.path, old)
  const back = [...past.values()].flatMap((old) => old ?? []).sort((one, other) => (one.path < other.path ? -1 : 1))
  const items: Stored[] = []
  let next = 0
  for (const stored of now) {
    while (next < back.length && back[next].path < stored.path) items.push(back[next++])
    if (!past.has(stored.path)) items.push(stored)
  }
  return [...items, ...back.slice(next)]
}
