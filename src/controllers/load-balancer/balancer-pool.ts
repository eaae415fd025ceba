// BalancerPool: the addresses load balancers are given, and what a Service would be given now.
import { type CIDR, cidrContains, defineIndex, type IPFamily, ipAt, parseCIDR, parseIP, type Snapshot } from '../../machinery/index.js'
import { type LoadBalancerIngress, type Service, service } from '../../resources/index.js'
import { readBalancerScript } from './balancer-script.js'

/** The network for benchmarks of RFC 2544: it is routed nowhere, so nobody is reached by mistake. */
export const defaultBalancerRange = '198.18.0.0/24'

export type BalancerPool = ReadonlyMap<IPFamily, CIDR>

/** @param text one network, or one of each family with a comma between */
export function parseBalancerPool(text: string): { pool: BalancerPool } | { problem: string } {
  const pool = new Map<IPFamily, CIDR>()
  for (const part of text.split(',').map((each) => each.trim())) {
    const network = parseCIDR(part)
    if (!network) return { problem: `${JSON.stringify(part)} is no network: give one such as ${defaultBalancerRange}` }
    if (pool.has(network.family)) return { problem: `there are two ${network.family} networks: give one, or one of each family` }
    pool.set(network.family, network)
  }
  return { pool }
}

/** Who has an address, by its canonical text. */
const servicesByBalancer = defineIndex<Service>({
  definition: service,
  values: ({ status }) => (status.loadBalancer.ingress ?? []).flatMap(({ ip }) => (ip ? (parseIP(ip)?.text ?? []) : [])),
})

export type Offer = { ingress: LoadBalancerIngress[] } | { problem: string }

/** What the provider gives a Service, or why it cannot give anything. What the Service has already stays, if it still may. */
export function offerTo(owner: Service, pool: BalancerPool, snapshot: Snapshot): Offer {
  const { hostname, failure } = readBalancerScript(owner)
  if (failure !== undefined) return { problem: failure }
  if (hostname !== undefined) return { ingress: [{ hostname }] }
  if (owner.spec.loadBalancerIP) return requested(owner, owner.spec.loadBalancerIP, snapshot)
  const families = (owner.spec.ipFamilies ?? []) as IPFamily[]
  const networks = families.flatMap((family) => pool.get(family) ?? [])
  if (!networks.length) return { problem: `there are no addresses of family ${families.join(' or ')} for load balancers` }
  const ingress: LoadBalancerIngress[] = []
  for (const network of networks) {
    const ip = keptIn(network, owner, snapshot) ?? lowestFree(network, snapshot)
    if (ip === undefined) return { problem: `no address is left in ${network.text}` }
    ingress.push(ingressOf(ip))
  }
  return { ingress }
}

// Packets arrive with the address of the balancer as their destination.
const ingressOf = (ip: string): LoadBalancerIngress => ({ ip, ipMode: 'VIP' })

function requested(owner: Service, text: string, snapshot: Snapshot): Offer {
  const ip = parseIP(text)
  if (!ip) return { problem: `load balancer IP ${JSON.stringify(text)} is no address` }
  const holder = snapshot.find(servicesByBalancer, ip.text).find((other) => !isSame(other, owner))
  if (holder) return { problem: `load balancer IP ${ip.text} belongs to Service ${holder.metadata.namespace}/${holder.metadata.name}` }
  return { ingress: [ingressOf(ip.text)] }
}

function keptIn(network: CIDR, owner: Service, snapshot: Snapshot): string | undefined {
  const ips = (owner.status.loadBalancer.ingress ?? []).flatMap(({ ip }) => (ip ? (parseIP(ip) ?? []) : []))
  return ips.find((ip) => cidrContains(network, ip) && snapshot.find(servicesByBalancer, ip.text).every((holder) => isSame(holder, owner)))?.text
}

const isSame = ({ metadata: one }: Service, { metadata: other }: Service) => one.uid === other.uid

function lowestFree({ family, first, last }: CIDR, snapshot: Snapshot): string | undefined {
  // The network's own address and its broadcast address are nobody's.
  const margin = last - first > 1n ? 1n : 0n
  const end = family === 'IPv4' ? last - margin : last
  for (let value = first + margin; value <= end; value++) {
    const { text } = ipAt(family, value)
    if (!snapshot.find(servicesByBalancer, text).length) return text
  }
  return undefined
}
