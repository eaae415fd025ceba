// Ledger: what the server acknowledged of each object, and what it was asked and had not answered when it was killed.
import type { Plain } from '../../src/machinery/index.js'
import type { Book } from './book.js'
import { pathOf, revisionOf, textOf } from './book.js'
import type { Checks } from './checks.js'
import { addressesOf, type FleetKind, nodePortsOf, stampOf } from './kinds.js'

/** `leaving`: its deletion was acknowledged, its last moment not. */
export type Standing = 'absent' | 'leaving' | { revision: number; text: string; stamp: string; object: Plain }

export type Intent = { verb: 'create' | 'change'; stamp: string } | { verb: 'delete' }

export interface Entry {
  readonly kind: FleetKind
  readonly name: string
  standing: Standing
  /** Controllers write it, or may still be at work on what it was. */
  isShared: boolean
  pending?: Intent
}

export const promises = {
  there: 'every acknowledged write is there, with at least its version',
  gone: 'nothing that was acknowledged as deleted is there',
  whole: 'what was not acknowledged is there whole or not at all',
  versions: 'versions of an object and of the cluster only grow',
} as const

export class Ledger {
  readonly #entries = new Map<string, Entry>()
  readonly #book: Book
  /** Addresses and ports that Services gave back. */
  readonly freed: { ips: string[]; ports: number[] } = { ips: [], ports: [] }
  /** Revisions acknowledged since the last kill, by resource. */
  #recent: { resource: string; revision: number; text: string }[] = []
  acknowledged = 0
  inFlight = 0

  constructor(book: Book) {
    this.#book = book
  }

  entry(kind: FleetKind, name: string): Entry {
    const id = `${kind.definition.key} ${name}`
    const found = this.#entries.get(id) ?? { kind, name, standing: 'absent', isShared: false }
    this.#entries.set(id, found)
    return found
  }

  /** The object as it was answered; of a deletion perhaps only that it is done. */
  acknowledge(entry: Entry, answer: Plain): void {
    const intent = entry.pending as Intent
    const { standing, kind } = entry
    this.acknowledged++
    entry.pending = undefined
    if (intent.verb === 'delete') {
      if (typeof standing === 'object' && kind.definition.key === 'v1/services') this.#free(standing.object)
      entry.standing = entry.isShared ? 'leaving' : 'absent'
      return
    }
    this.#book.note(kind.definition.key, answer)
    const text = textOf(answer)
    this.#recent.push({ resource: kind.definition.key, revision: revisionOf(answer), text })
    entry.isShared = kind.isShared(answer) || (intent.verb === 'change' && entry.isShared)
    entry.standing = { revision: revisionOf(answer), text, stamp: intent.stamp, object: answer }
  }

  /** Acknowledged since this was asked last. */
  takeRecent(): { resource: string; revision: number; text: string }[] {
    const recent = this.#recent
    this.#recent = []
    return recent
  }

  /** Holds all of a kind against what is there now, and goes on from that. */
  settle(kind: FleetKind, objects: readonly Plain[], checks: Checks): void {
    const found = new Map(objects.map((object) => [pathOf(object), object]))
    for (const entry of this.#entries.values()) {
      if (entry.kind !== kind) continue
      if (entry.pending) this.inFlight++
      this.#settle(entry, found.get(`default/${entry.name}`), checks)
    }
  }

  #settle(entry: Entry, object: Plain | undefined, checks: Checks): void {
    const { standing, pending, kind } = entry
    const said = `${kind.definition.kind} ${entry.name}: ${JSON.stringify(standing)}, in flight ${JSON.stringify(pending)}, found ${JSON.stringify(object)}`
    entry.pending = undefined
    if (!object) {
      if (typeof standing === 'object') checks.hold(promises.there, pending?.verb === 'delete', () => said)
      else if (!pending) checks.hold(promises.gone, true, () => said)
      if (typeof standing === 'object' && kind.definition.key === 'v1/services') this.#free(standing.object)
      entry.standing = 'absent'
      return
    }
    const stamp = stampOf(object)
    const isNew = pending !== undefined && pending.verb !== 'delete' && pending.stamp === stamp
    if (typeof standing !== 'object')
      checks.hold(promises.gone, isNew || (standing === 'leaving' && object.metadata.deletionTimestamp !== undefined), () => said)
    else {
      checks.hold(promises.there, isNew || standing.stamp === stamp, () => said)
      checks.hold(promises.versions, revisionOf(object) > standing.revision || (!isNew && revisionOf(object) === standing.revision), () => said)
      if (!isNew && (revisionOf(object) === standing.revision || !entry.isShared)) checks.hold(promises.there, textOf(object) === standing.text, () => said)
    }
    const flaw = kind.flaw(object, stamp)
    checks.hold(promises.whole, flaw === undefined, () => `${flaw}. ${said}`)
    // What was created or deleted unanswered is another object, or none.
    entry.isShared = kind.isShared(object) || (typeof standing === 'object' && entry.isShared)
    entry.standing = object.metadata.deletionTimestamp ? 'leaving' : { revision: revisionOf(object), text: textOf(object), stamp, object }
  }

  #free(service: Plain): void {
    this.freed.ips.push(...addressesOf(service))
    this.freed.ports.push(...nodePortsOf(service))
  }
}
