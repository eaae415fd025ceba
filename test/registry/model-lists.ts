// Lists against the model: at any revision, in pages, with writes between one page and the next.
import { deepStrictEqual, strictEqual } from 'node:assert'
import { StatusError } from '../../src/machinery/index.js'
import { type ListAnswer, type ListOptions, list, type Realm } from '../../src/registry/index.js'
import type { Model, State } from './model.js'
import { callOf, isInNamespace, orRefusal, type Place, refusalOf } from './model-calls.js'
import type { Command } from './model-commands.js'
import { shownObject, shownState } from './model-kinds.js'

/** A list of which a page is still to come. */
interface Begun {
  place: Place
  limit: number
  revision: number
  /** The path of what was shown last. */
  after: string
  token: string
}

export class ModelLists {
  readonly #model: Model
  #begun: Begun[] = []

  constructor(model: Model) {
    this.#model = model
  }

  begin(realm: Realm, place: Place, { at, limit }: Extract<Command, { verb: 'list' }>): void {
    const { revision: current } = this.#model
    // A few revisions beyond the last one: they are refused.
    const asked = at === 'now' ? current : 1 + (at.revision % (current + 3))
    const isExact = at !== 'now' && (at.isExact || limit > 0)
    const options: ListOptions = at === 'now' ? {} : { resourceVersion: String(asked), ...(at.isExact ? { resourceVersionMatch: 'Exact' } : {}) }
    const answer = this.#ask(realm, place, { ...options, limit })
    if (asked > current) strictEqual(answer, '504 Timeout')
    else if (isExact && asked < realm.store.compactedRevision) strictEqual(answer, '410 Expired')
    else this.#check(place, answer, { limit, revision: isExact ? asked : current, after: '' })
  }

  goOn(realm: Realm, choice: number): void {
    if (!this.#begun.length) return
    const [{ place, limit, revision, after, token }] = this.#begun.splice(choice % this.#begun.length, 1)
    if (revision >= realm.store.compactedRevision) {
      const answer = this.#ask(realm, place, { continue: token, limit })
      this.#check(place, answer, { limit, revision, after })
      return
    }
    // The rest can still be had, as it is now.
    const rest = this.#ask(realm, place, { continue: this.#tokenOfRest(realm, place, { continue: token, limit }), limit })
    this.#check(place, rest, { limit, revision: this.#model.revision, after })
  }

  #ask(realm: Realm, place: Place, options: ListOptions): ListAnswer | string {
    const call = callOf(place.kind, { namespace: place.namespace, name: '', isDryRun: false })
    return orRefusal(() => list(realm, call, { ...options, labelSelector: place.selector.text }))
  }

  #tokenOfRest(realm: Realm, { kind, namespace, selector }: Place, options: ListOptions): string {
    try {
      list(realm, callOf(kind, { namespace, name: '', isDryRun: false }), { ...options, labelSelector: selector.text })
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      strictEqual(refusalOf(error), '410 Expired')
      return error.status.metadata?.continue ?? ''
    }
    throw new Error('a list of a forgotten revision went on')
  }

  #check(place: Place, answer: ListAnswer | string, { limit, revision, after }: { limit: number; revision: number; after: string }): void {
    if (typeof answer === 'string') throw new Error(`a list was refused: ${answer}`)
    const there = this.#model.listAt(place.kind.kind, revision).filter((state) => isInNamespace(place.namespace, state) && state.path > after)
    const matching = there.filter(({ color }) => place.selector.matches(color))
    const page = limit ? matching.slice(0, limit) : matching
    deepStrictEqual(
      answer.items.map(({ object }) => shownObject(place.kind, object)),
      page.map(shownState),
    )
    const { resourceVersion, continue: token, remainingItemCount } = answer.metadata
    strictEqual(resourceVersion, String(revision), 'the revision of a list')
    const rest = limit ? restAfter(there, page, limit) : 0
    strictEqual(token !== undefined, rest > 0, 'whether a list goes on')
    strictEqual(remainingItemCount, rest && !place.selector.text ? rest : undefined, 'how many are to come')
    if (token) this.#begun.push({ place, limit, revision, after: page[page.length - 1].path, token })
  }
}

/** A page that is full ends where its last object stands: what comes behind it, matching or not, has not been looked at. */
function restAfter(there: readonly State[], page: readonly State[], limit: number): number {
  if (page.length < limit) return 0
  return there.filter(({ path }) => path > page[page.length - 1].path).length
}
