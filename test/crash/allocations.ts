// Whether the allocators agree with the Services: who holds which address and port, what is refused, what can be had again.
import type { Plain } from '../../src/machinery/index.js'
import { definitionOf, restWire } from '../grpc/wire.js'
import type { Chance } from '../support/chance.js'
import type { Book } from './book.js'
import type { Checks } from './checks.js'
import { addressesOf, namespace, nodePortsOf } from './kinds.js'
import type { Ledger } from './ledger.js'

export const allocationPromises = {
  single: 'no two Services share an address or a port',
  objects: 'every address in use has its IPAddress, and no other address has one',
  occupied: 'an address or port in use is refused',
  freed: 'an address or port that was given back can be had again',
} as const

const services = definitionOf('v1/services')
const addresses = definitionOf('networking.k8s.io/v1/ipaddresses')
const probe = 'probe'

export async function inspectAllocations(
  http: string,
  { ledger, book, checks, next }: { ledger: Ledger; book: Book; checks: Checks; next: Chance },
): Promise<void> {
  const rest = restWire(http)
  const { items, metadata } = await rest.list(services, {})
  // A load balancer's controller may be taking a Service away meanwhile, and its address with it.
  const held = await rest.list(addresses, { resourceVersion: metadata.resourceVersion, resourceVersionMatch: 'Exact' })
  const staying: Plain[] = items.filter((service: Plain) => !service.metadata.deletionTimestamp)
  const owners = new Map<string, string>(
    items.flatMap((service: Plain) => addressesOf(service).map((ip) => [ip, `${service.metadata.namespace}/${service.metadata.name}`])),
  )
  const ips: string[] = items.flatMap(addressesOf)
  const ports: number[] = items.flatMap(nodePortsOf)
  checks.hold(allocationPromises.single, new Set(ips).size === ips.length && new Set(ports).size === ports.length, () => JSON.stringify({ ips, ports }))
  const named = held.items.map(({ metadata, spec }: Plain) => `${metadata.name} ${spec.parentRef.namespace}/${spec.parentRef.name}`).sort()
  const expected = [...owners].map(([ip, owner]) => `${ip} ${owner}`).sort()
  checks.hold(allocationPromises.objects, JSON.stringify(named) === JSON.stringify(expected), () => JSON.stringify({ named, expected }))
  const create = async (name: string, spec: Plain) => {
    const answer = await rest.create(services, { metadata: { name }, spec: { type: 'NodePort', ...spec } }, { namespace })
    if (answer.kind === 'Service') book.note(services.key, answer)
    return answer
  }
  const refused = (answer: Plain, text: string) => answer.code === 422 && answer.message.includes(text)
  const inUse = staying.flatMap(addressesOf)
  const taken = await create(probe, { clusterIP: inUse[next(inUse.length)], ports: [{ port: 80 }] })
  checks.hold(allocationPromises.occupied, refused(taken, 'provided IP is already allocated'), () => JSON.stringify(taken))
  const portsInUse = staying.flatMap(nodePortsOf)
  if (portsInUse.length) {
    const answer = await create(probe, { ports: [{ port: 80, nodePort: portsInUse[next(portsInUse.length)] }] })
    checks.hold(allocationPromises.occupied, refused(answer, 'provided port is already allocated'), () => JSON.stringify(answer))
  }
  const clusterIP = pick(ledger.freed.ips, (ip) => !ips.includes(ip), next)
  const nodePort = pick(ledger.freed.ports, (port) => !ports.includes(port), next)
  ledger.freed.ips = []
  ledger.freed.ports = []
  if (clusterIP === undefined || nodePort === undefined) return
  const again = await create(probe, { clusterIP, ports: [{ port: 80, nodePort }] })
  checks.hold(allocationPromises.freed, again.kind === 'Service' && again.spec.clusterIP === clusterIP, () => JSON.stringify({ clusterIP, nodePort, again }))
  await rest.delete(services, { namespace, name: probe })
}

function pick<Value>(values: readonly Value[], isFree: (value: Value) => boolean, next: Chance): Value | undefined {
  const free = values.filter(isFree)
  return free[next(free.length)]
}
