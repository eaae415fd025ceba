// Where simulated machines have their addresses: private networks of their own.
import { type IPFamily, ipAt, parseIP, type Snapshot } from '../../machinery/index.js'
import { type Node, type NodeAddress, node } from '../../resources/index.js'
import { defineNumbering, type Numbering } from './numbering.js'

/** The first address of each network that a machine may have, as a number: 172.18.0.2 and fd00:172:18::2. */
const firstAddresses: Readonly<Record<IPFamily, bigint>> = { IPv4: 0xac120002n, IPv6: 0xfd000172001800000000000000000002n }

/** Up to 172.19.255.254: more than there can be parts of a pod network. */
const count = 0x1fffd

export const machineAddress = (family: IPFamily, number: number): string => ipAt(family, firstAddresses[family] + BigInt(number)).text

function numberingOf(family: IPFamily): Numbering {
  const spansOf = ({ status }: Node) =>
    (status.addresses ?? []).flatMap(({ address }) => {
      const ip = parseIP(address)
      const offset = ip?.family === family ? ip.value - firstAddresses[family] : -1n
      return offset >= 0n && offset < count ? [{ first: Number(offset), last: Number(offset) }] : []
    })
  return defineNumbering({ definition: node, count, spansOf })
}

const numberings: Readonly<Record<IPFamily, Numbering>> = { IPv4: numberingOf('IPv4'), IPv6: numberingOf('IPv6') }

/** The families of a machine are those of its pods. */
export function machineFamilies({ spec }: Node): IPFamily[] {
  const families = new Set((spec.podCIDRs ?? []).map((cidr): IPFamily => (cidr.includes(':') ? 'IPv6' : 'IPv4')))
  return families.size ? [...families] : ['IPv4']
}

/** One address of each family for a machine that has none: the lowest that is free. */
export function freeMachineAddresses(object: Node, snapshot: Snapshot): NodeAddress[] {
  if (object.status.addresses?.length) return []
  return machineFamilies(object).flatMap((family) => {
    const number = numberings[family].lowestFree(snapshot)
    return number === undefined ? [] : [{ type: 'InternalIP', address: machineAddress(family, number) }]
  })
}
