// Watches against the model: from any revision, through a selector, each from its beginning to its end.
import { deepStrictEqual } from 'node:assert'
import { type Notice, type Realm, type WatchOptions, watch } from '../../src/registry/index.js'
import type { Change, Model } from './model.js'
import { callOf, isIn, isInNamespace, type Place, refusalOf } from './model-calls.js'
import type { Command } from './model-commands.js'
import { shownObject, shownState } from './model-kinds.js'

interface Opened {
  place: Place
  /** What has been told. */
  told: string[]
  /** What had to be told at once. */
  first: string[]
  /** What happened after this revision had to follow; nothing after an error. */
  since: number | undefined
}

export class ModelWatches {
  readonly #model: Model
  readonly #opened: Opened[] = []

  constructor(model: Model) {
    this.#model = model
  }

  begin(realm: Realm, place: Place, { from, hasInitialEnd }: Extract<Command, { verb: 'watch' }>): void {
    const { revision: current } = this.#model
    const asked = typeof from === 'object' ? 1 + (from.revision % (current + 2)) : undefined
    const call = callOf(place.kind, { namespace: place.namespace, name: '', isDryRun: false })
    const options: WatchOptions = {
      labelSelector: place.selector.text,
      allowWatchBookmarks: hasInitialEnd,
      // With neither, a watch begins with all that is there.
      ...(asked === undefined ? { resourceVersion: from === 'now' ? String(current) : '' } : { resourceVersion: String(asked) }),
    }
    const watching = watch(realm, call, options)
    const told = watching.backlog.map((notice) => shownNotice(place, notice))
    watching.start((notice) => told.push(shownNotice(place, notice)))
    this.#opened.push({ place, told, ...this.#beginning(realm, place, from === 'now' ? current : asked, hasInitialEnd) })
  }

  /** Every watch has been told what it had to be told, in order, and nothing else. */
  check(): void {
    for (const { place, told, first, since } of this.#opened) {
      const later = since === undefined ? [] : this.#seenThrough(place, this.#model.after(since))
      deepStrictEqual(told, [...first, ...later])
    }
  }

  #beginning(realm: Realm, place: Place, asked: number | undefined, hasInitialEnd: boolean): Pick<Opened, 'first' | 'since'> {
    const { revision: current } = this.#model
    if (asked === undefined) {
      const states = this.#model.listAt(place.kind.kind, current).filter((state) => isIn(place, state))
      const end = hasInitialEnd ? [`BOOKMARK ${current} of the beginning`] : []
      return { first: [...states.map((state) => `ADDED ${shownState(state)}`), ...end], since: current }
    }
    if (asked > current) return { first: ['ERROR 504 Timeout'], since: undefined }
    if (asked < realm.store.compactedRevision) return { first: ['ERROR 410 Expired'], since: undefined }
    return { first: this.#seenThrough(place, this.#model.after(asked)), since: current }
  }

  /** What changes are to someone who sees only what the selector matches. */
  #seenThrough({ kind, namespace, selector }: Place, changes: readonly Change[]): string[] {
    const seen: string[] = []
    for (const { type, kind: changed, state, old } of changes) {
      if (changed !== kind.kind || !isInNamespace(namespace, state)) continue
      const was = type !== 'ADDED' && old !== undefined && selector.matches(old.color)
      const is = type !== 'DELETED' && selector.matches(state.color)
      if (is) seen.push(`${was ? 'MODIFIED' : 'ADDED'} ${shownState(state)}`)
      // The last state that was seen, at the revision at which it went.
      else if (was && old) seen.push(`DELETED ${shownState({ ...old, version: state.version })}`)
    }
    return seen
  }
}

function shownNotice(place: Place, notice: Notice): string {
  if (notice.type === 'ERROR') return `ERROR ${refusalOf(notice)}`
  if (notice.type === 'BOOKMARK') return `BOOKMARK ${notice.revision}${notice.isInitialEnd ? ' of the beginning' : ''}`
  return `${notice.type} ${shownObject(place.kind, notice.stored.object)}`
}
