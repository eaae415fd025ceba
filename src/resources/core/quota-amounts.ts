// Amounts by resource name, as quotas add and compare them.
// Upstream: apiserver/pkg/quota/v1/resources.go
import { formatQuantity, type Quantity } from '../../machinery/index.js'
import type { Resources } from './pod-resources.js'

const none: Quantity = { nanos: 0n, format: 'decimal' }

export const singleAmount: Quantity = { nanos: 1_000_000_000n, format: 'decimal' }

export function wholeNumber(value: number): Quantity {
  return { nanos: BigInt(value) * singleAmount.nanos, format: 'decimal' }
}

/** Nothing takes the unit of what is added to it. */
export function addAmounts(first: Resources, second: Resources): Resources {
  const total = new Map(first)
  for (const [name, { nanos, format }] of second) {
    const present = total.get(name) ?? none
    total.set(name, { nanos: present.nanos + nanos, format: present.nanos === 0n ? format : present.format })
  }
  return total
}

/** By how much `next` is more than `old`, for each name of either; nothing where it is less. */
export function increaseOfAmounts(next: Resources, old: Resources): Resources {
  const more: Resources = new Map()
  for (const name of new Set([...next.keys(), ...old.keys()])) {
    const { nanos, format } = next.get(name) ?? none
    const difference = nanos - (old.get(name)?.nanos ?? 0n)
    more.set(name, difference > 0n ? { nanos: difference, format } : none)
  }
  return more
}

export function pickAmounts(amounts: Resources, isWanted: (name: string, amount: Quantity) => boolean): Resources {
  return new Map([...amounts].filter(([name, amount]) => isWanted(name, amount)))
}

export function haveSameAmounts(first: Resources, second: Resources): boolean {
  return first.size === second.size && [...first].every(([name, { nanos }]) => second.get(name)?.nanos === nanos)
}

/** As the API spells them, names in order. */
export function writeAmounts(amounts: Resources): Record<string, string> {
  return Object.fromEntries([...amounts].sort(([first], [second]) => (first < second ? -1 : 1)).map(([name, amount]) => [name, formatQuantity(amount)]))
}

/** `cpu=1,pods=2` */
export function amountsText(amounts: Resources): string {
  return Object.entries(writeAmounts(amounts))
    .map(([name, text]) => `${name}=${text}`)
    .join(',')
}
