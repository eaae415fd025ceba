// DomainCounts: how many pods of a kind there are in each domain of a topology, or would be if some were gone.
import type { Pod } from '../../resources/index.js'
import type { Counts, Homes } from './node-tally.js'

export class DomainCounts {
  readonly #homes: Homes
  readonly #counts: Counts
  /** What is not there, though it is counted. */
  readonly #gone: Counts

  constructor(homes: Homes, counts: Counts, gone: Counts = new Map()) {
    this.#homes = homes
    this.#counts = counts
    this.#gone = gone
  }

  /** @param pods that are counted */
  without(pods: readonly Pod[]): DomainCounts {
    if (!pods.length) return this
    const gone = new Map(this.#gone)
    for (const { spec } of pods) {
      const domain = this.#homes.get(spec.nodeName ?? '')
      if (domain !== undefined) gone.set(domain, (gone.get(domain) ?? 0) + 1)
    }
    return new DomainCounts(this.#homes, this.#counts, gone)
  }

  of(domain: string): number {
    return (this.#counts.get(domain) ?? 0) - (this.#gone.get(domain) ?? 0)
  }

  get isEmpty(): boolean {
    for (const domain of this.#counts.keys()) if (this.of(domain) > 0) return false
    return true
  }

  /** The lowest count. @param domains how many there are, those with nothing too */
  least(domains: number): number {
    if (this.#counts.size < domains || !domains) return 0
    let least = Number.POSITIVE_INFINITY
    for (const domain of this.#counts.keys()) least = Math.min(least, this.of(domain))
    return least
  }
}
