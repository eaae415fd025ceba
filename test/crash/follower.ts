// Follower: a client that keeps a copy of a resource by watching it, and resumes after each crash from the last revision it saw.
import { setTimeout as pause } from 'node:timers/promises'
import type { Plain, ResourceDefinition } from '../../src/machinery/index.js'
import { type Book, pathOf, revisionOf, textOf } from './book.js'
import type { Checks } from './checks.js'
import type { EventStream, OpenStream, StreamEvent } from './event-streams.js'

export const followerPromises = {
  order: 'a watch that resumes brings nothing twice and nothing out of order',
  gaps: 'a watch that resumes leaves nothing out',
  expired: 'a watch from a revision that is forgotten gets 410 Expired, and only then',
} as const

const settleMillisMax = 10_000

export interface FollowerOptions {
  name: string
  definition: ResourceDefinition
  book: Book
  checks: Checks
}

export class Follower {
  readonly name: string
  readonly definition: ResourceDefinition
  readonly #book: Book
  readonly #checks: Checks
  readonly #objects = new Map<string, { revision: number; text: string }>()
  #stream: EventStream | undefined
  /** From here on it saw everything. */
  #since = 0
  #last = 0
  #seen = new Set<number>()
  #isExpired = false
  /** Revisions it was told are forgotten. */
  #refused: number[] = []
  events = 0
  resumed = 0
  expired = 0

  constructor({ name, definition, book, checks }: FollowerOptions) {
    this.name = name
    this.definition = definition
    this.#book = book
    this.#checks = checks
  }

  get last(): number {
    return this.#last
  }

  /** Watches on from where it was; anew from the list when it was nowhere. */
  begin(open: OpenStream, list: Plain | undefined): void {
    if (list) this.#takeList(list)
    else this.resumed++
    this.#isExpired = false
    const stream = open(this.definition, this.#last, (event) => this.#take(event))
    this.#stream = stream
    stream.ended.then((outcome) => {
      if (outcome === 'expired' && this.#stream === stream) this.#isExpired = true
    })
  }

  /**
   * Waits until its copy is what the server lists.
   * @param forgotten the newest revision that had been forgotten before the start
   */
  async catchUp(open: OpenStream, list: () => Promise<Plain>, forgotten: number): Promise<void> {
    const deadline = performance.now() + settleMillisMax
    if (this.#last < forgotten) {
      await Promise.race([this.#stream?.ended, pause(settleMillisMax)])
      this.#checks.hold(followerPromises.expired, this.#isExpired, () => `${this.name} may go on from ${this.#last}, and ${forgotten} is forgotten`)
    }
    for (;;) {
      const now = await list()
      if (this.#isExpired) {
        this.expired++
        this.#refused.push(this.#last)
        this.begin(open, now)
      }
      const difference = this.#differenceFrom(now)
      if (difference === undefined) break
      if (performance.now() > deadline) {
        this.#checks.hold(followerPromises.gaps, false, () => `${this.name}, since ${this.#since}: ${difference}`)
        this.#last = 0
        return
      }
      await pause(10)
    }
    this.#checks.hold(followerPromises.gaps, true, () => '')
  }

  /**
   * Holds what it saw against the log that was left.
   * @param rows revisions of its resource
   * @param forgotten the newest revision that is forgotten there
   */
  compare(rows: readonly number[], forgotten: number): void {
    for (const revision of this.#refused.splice(0)) {
      this.#checks.hold(followerPromises.expired, revision < forgotten, () => `${this.name} was refused ${revision}, and only ${forgotten} is forgotten`)
    }
    for (const revision of rows) {
      if (revision <= this.#since || revision > this.#last) continue
      this.#checks.hold(followerPromises.gaps, this.#seen.has(revision), () => `${this.name}, since ${this.#since}, at ${this.#last}, has not seen ${revision}`)
    }
  }

  stop(): void {
    this.#stream?.close()
    this.#stream = undefined
  }

  #takeList(list: Plain): void {
    this.#objects.clear()
    for (const object of list.items) this.#objects.set(pathOf(object), { revision: revisionOf(object), text: textOf(object) })
    this.#since = this.#last = revisionOf(list)
    this.#seen = new Set()
  }

  #take({ type, object }: StreamEvent): void {
    const [path, revision] = [pathOf(object), revisionOf(object)]
    this.events++
    this.#book.note(this.definition.key, object, type === 'DELETED')
    const isKnown = this.#objects.has(path)
    const fits = type === 'ADDED' ? !isKnown : isKnown
    this.#checks.hold(
      followerPromises.order,
      fits && revision > this.#last,
      () => `${this.name}, at ${this.#last}: ${type} of ${path} at ${revision}, which ${isKnown ? 'was' : 'was not'} there`,
    )
    if (type === 'DELETED') this.#objects.delete(path)
    else this.#objects.set(path, { revision, text: textOf(object) })
    this.#seen.add(revision)
    this.#last = Math.max(this.#last, revision)
  }

  #differenceFrom(list: Plain): string | undefined {
    const listed = new Map<string, Plain>(list.items.map((object: Plain) => [pathOf(object), object]))
    for (const path of this.#objects.keys()) if (!listed.has(path)) return `${path} is gone, and nobody said so`
    for (const [path, object] of listed) {
      const mine = this.#objects.get(path)
      if (mine?.text !== textOf(object)) return `${path} is ${textOf(object)}, and was last told to be ${mine?.text}`
    }
    return undefined
  }
}
