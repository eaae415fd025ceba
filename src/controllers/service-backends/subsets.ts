// Subsets of Endpoints in their canonical layout: ports that the same addresses offer stand together, everything in order.
// Upstream: pkg/api/v1/endpoints/util.go RepackSubsets
// Differs: upstream orders ports and subsets by a hash of their memory layout; here they go by name, protocol and number.
import type { EndpointAddress, EndpointSubset } from '../../resources/index.js'
import { portSetOf } from './ports.js'

type EndpointPort = NonNullable<EndpointSubset['ports']>[number]

/** An address that offers some port, ready or not. */
interface AddressEntry {
  address: EndpointAddress
  isReady: boolean
}

interface PortAddresses {
  /** Absent for addresses that offer no port. */
  port?: EndpointPort
  entries: AddressEntry[]
}

export function repackSubsets(subsets: readonly EndpointSubset[]): EndpointSubset[] {
  const bySet = new Map<string, { entries: AddressEntry[]; ports: EndpointPort[] }>()
  for (const { port, entries } of addressesByPort(subsets)) {
    const inOrder = orderEntries(entries)
    const key = JSON.stringify(inOrder.map(({ address, isReady }) => [address.ip, uidOf(address), isReady]))
    const set = bySet.get(key) ?? { entries: inOrder, ports: [] }
    bySet.set(key, set)
    if (port) set.ports.push(port)
  }
  const repacked = [...bySet.values()].map(({ entries, ports }) => ({ key: portSetOf(ports).key, subset: subsetOfEntries(entries, ports) }))
  return repacked.sort((one, other) => compareTexts(one.key, other.key)).map(({ subset }) => subset)
}

function addressesByPort(subsets: readonly EndpointSubset[]): Iterable<PortAddresses> {
  const byPort = new Map<string, PortAddresses>()
  // What is said first of an address goes for all its ports.
  const known = new Map<string, EndpointAddress>()
  for (const subset of subsets) {
    const entries = entriesOf(subset).map(({ address, isReady }) => {
      const key = `${address.ip} ${uidOf(address)}`
      const first = known.get(key) ?? address
      known.set(key, first)
      return { address: first, isReady }
    })
    for (const port of subset.ports?.length ? subset.ports : [undefined]) {
      const key = portSetOf(port && [port]).key
      const present = byPort.get(key) ?? { port, entries: [] }
      byPort.set(key, present)
      present.entries.push(...entries)
    }
  }
  return byPort.values()
}

function entriesOf({ addresses, notReadyAddresses }: EndpointSubset): AddressEntry[] {
  return [...(addresses ?? []).map((address) => ({ address, isReady: true })), ...(notReadyAddresses ?? []).map((address) => ({ address, isReady: false }))]
}

/** In order of address and pod, each once. What is said to be not ready in one place is not ready. */
function orderEntries(entries: readonly AddressEntry[]): AddressEntry[] {
  const inOrder: AddressEntry[] = []
  for (const entry of [...entries].sort((one, other) => compareAddresses(one.address, other.address))) {
    const last = inOrder.at(-1)
    if (!last || compareAddresses(last.address, entry.address)) inOrder.push(entry)
    else if (!entry.isReady) inOrder[inOrder.length - 1] = { address: last.address, isReady: false }
  }
  return inOrder
}

function subsetOfEntries(entries: readonly AddressEntry[], ports: readonly EndpointPort[]): EndpointSubset {
  const addressesThat = (are: boolean) => entries.filter(({ isReady }) => isReady === are).map(({ address }) => address)
  return subsetOf(addressesThat(true), addressesThat(false), ports)
}

/** @param addresses and others: in order */
export function subsetOf(addresses: EndpointAddress[], notReadyAddresses: EndpointAddress[], ports: readonly EndpointPort[]): EndpointSubset {
  return {
    ...(addresses.length ? { addresses } : {}),
    ...(notReadyAddresses.length ? { notReadyAddresses } : {}),
    ...(ports.length ? { ports: portSetOf(ports).ports.map(withoutEmptyName) } : {}),
  }
}

function withoutEmptyName({ name, ...port }: EndpointPort): EndpointPort {
  return name ? { name, ...port } : port
}

function compareAddresses(one: EndpointAddress, other: EndpointAddress): number {
  return compareTexts(one.ip, other.ip) || compareTexts(uidOf(one), uidOf(other))
}

// An address without a pod comes first.
const uidOf = ({ targetRef }: EndpointAddress) => targetRef?.uid ?? ''

// Byte by byte, as upstream: addresses have no characters beyond ASCII.
export function compareTexts(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
