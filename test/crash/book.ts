// Book: what each revision was seen to be, by whomever, before and after every crash. It may only ever be one thing.
import { createHash } from 'node:crypto'
import type { Plain } from '../../src/machinery/index.js'

export const revisionOf = (object: Plain): number => Number(object.metadata.resourceVersion)
export const pathOf = ({ metadata: { namespace = '', name } }: Plain): string => `${namespace}/${name}`

/** An object as text: in a list of REST its kind is not said, everywhere else it is. */
export function textOf({ kind: _kind, apiVersion: _apiVersion, ...object }: Plain): string {
  return JSON.stringify(object)
}

export class Book {
  readonly #seen = new Map<number, string>()
  #newest = 0
  /** Every contradiction found. */
  readonly contradictions: string[] = []
  sightings = 0

  /** The newest revision that anybody was told of. */
  get newest(): number {
    return this.#newest
  }

  get size(): number {
    return this.#seen.size
  }

  note(resource: string, object: Plain, isDeletion = false): void {
    const revision = revisionOf(object)
    const text = textOf(object)
    const entry = `${resource} ${pathOf(object)} ${isDeletion ? 'deleted' : 'there'} ${createHash('sha1').update(text).digest('base64')}`
    this.sightings++
    this.#newest = Math.max(this.#newest, revision)
    const before = this.#seen.get(revision)
    if (before === undefined) this.#seen.set(revision, entry)
    else if (before !== entry) this.contradictions.push(`revision ${revision} was ${before}, and is ${entry}: ${text}`)
  }
}
