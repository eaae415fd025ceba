// Whether the server may be used: not yet, yes, no more.

export class Serving {
  #isServing = false
  readonly #listeners = new Set<() => void>()

  isServing(): boolean {
    return this.#isServing
  }

  set(isServing: boolean): void {
    if (this.#isServing === isServing) return
    this.#isServing = isServing
    for (const listener of this.#listeners) listener()
  }

  /** @returns a function that ends the telling */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
