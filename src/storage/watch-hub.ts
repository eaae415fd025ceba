// Hands each row of the log to those who watch its resource.
import type { Store, WatchEvent } from './store.js'

export interface Subscription {
  /** Key of the stored definition. */
  resource: string
  /** Empty: all namespaces. */
  namespace: string
  notify(event: WatchEvent): void
}

export class WatchHub {
  readonly #byResource = new Map<string, Set<Subscription>>()
  readonly #unsubscribe: () => void

  constructor(store: Store) {
    this.#unsubscribe = store.watch((event) => this.#publish(event))
  }

  /** @returns a function that ends the subscription */
  subscribe(subscription: Subscription): () => void {
    const { resource } = subscription
    const subscriptions = this.#byResource.get(resource) ?? new Set()
    this.#byResource.set(resource, subscriptions)
    subscriptions.add(subscription)
    return () => {
      subscriptions.delete(subscription)
      if (!subscriptions.size && this.#byResource.get(resource) === subscriptions) this.#byResource.delete(resource)
    }
  }

  close(): void {
    this.#unsubscribe()
    this.#byResource.clear()
  }

  #publish(event: WatchEvent): void {
    const subscriptions = this.#byResource.get(event.stored.resource)
    if (!subscriptions) return
    const { namespace } = event.stored
    for (const subscription of subscriptions) {
      if (!subscription.namespace || subscription.namespace === namespace) subscription.notify(event)
    }
  }
}
