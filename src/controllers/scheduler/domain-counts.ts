// DomainCounts: how many pods of a kind there are in each domain of a topology.
import type { Pod } from '../../resources/index.js'
import type { NodeCounts } from './node-tally.js'

export class DomainCounts {
  /** The domain of a node, if it has one that counts. */
  readonly #domainOf: (node: string) => string | undefined
  /** Never 0. */
  readonly #counts = new Map<string, number>()
  /** What is not there, though it is counted. */
  readonly #gone: Map<string, number>

  constructor(domainOf: (node: string) => string | undefined, base?: { counts: Map<string, number>; gone: Map<string, number> }) {
    this.#domainOf = domainOf
    if (base) this.#counts = base.counts
    this.#gone = base?.gone ?? new Map()
  }

  add(counts: NodeCounts): void {
    for (const [node, count] of counts) {
      const domain = this.#domainOf(node)
      if (domain !== undefined) this.#counts.set(domain, (this.#counts.get(domain) ?? 0) + count)
    }
  }

  /** The same without some of the pods that are counted in it. */
  without(pods: readonly Pod[]): DomainCounts {
    if (!pods.length) return this
    const gone = new Map(this.#gone)
    for (const { spec } of pods) {
      const domain = this.#domainOf(spec.nodeName ?? '')
      if (domain !== undefined) gone.set(domain, (gone.get(domain) ?? 0) + 1)
    }
    return new DomainCounts(this.#domainOf, { counts: this.#counts, gone })
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
