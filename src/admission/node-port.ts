// Node ports, and ports of health checks: given out of one range that knows no protocols.
// Upstream: pkg/registry/core/service/portallocator/{allocator,operation}.go, pkg/registry/core/service/storage/alloc.go
import { type AdmissionRequest, field, type Random, type Snapshot, type Status, status } from '../machinery/index.js'
import {
  allocatesNodePorts,
  needsHealthCheckNodePort,
  needsNodePorts,
  nodePortsOf,
  type Service,
  type ServicePort,
  type ServiceSpec,
} from '../resources/index.js'
import { servicesByNodePort } from './service-indexes.js'

/** Both ends belong to it. */
export interface PortRange {
  first: number
  last: number
}

const kind = { group: '', resource: 'Service' }
const full = 'range is full'

/** Gives a service the ports it lacks. What it no longer names is free with the write. @returns the refusal, if any */
export function allocateNodePorts(request: AdmissionRequest<Service>, range: PortRange): Status | undefined {
  const { object, old } = request
  const claims = new PortClaims(request, range)
  const refused = needsNodePorts(object.spec) ? (old ? changePorts(object, old, claims) : assignPorts(object, claims)) : undefined
  if (refused || !needsHealthCheckNodePort(object.spec) || (old && needsHealthCheckNodePort(old.spec))) return refused
  return assignHealthCheckPort(object.spec, claims)
}

/** Ports of a new service: those of one number share a node port, whatever their protocols. */
function assignPorts({ metadata, spec }: Service, claims: PortClaims): Status | undefined {
  const ports = spec.ports ?? []
  const assigned = new Map<number, number>()
  const requested = new Map<number, number>()
  for (const { port, nodePort } of ports) if (nodePort && !requested.has(port)) requested.set(port, nodePort)
  for (const [index, port] of ports.entries()) {
    if (!port.nodePort && !allocatesNodePorts(spec)) continue
    const shared = assigned.get(port.port)
    if (shared === undefined) {
      const refused = assignPort(metadata.name, port, index, requested.get(port.port), claims)
      if (refused) return refused
      assigned.set(port.port, port.nodePort as number)
    } else if (!port.nodePort) port.nodePort = shared
    else if (port.nodePort !== shared) {
      const refused = assignPort(metadata.name, port, index, port.nodePort, claims)
      if (refused) return refused
    }
  }
  return undefined
}

/** Ports of a changed service: what it held it keeps, what is named is claimed, what is left open is drawn. */
function changePorts({ metadata, spec }: Service, old: Service, claims: PortClaims): Status | undefined {
  // Differs: upstream also believes an ExternalName service to hold the node ports that it only names.
  const held = new Set(needsNodePorts(old.spec) ? nodePortsOf(old.spec) : [])
  const pairs = new Set<string>()
  for (const [index, port] of (spec.ports ?? []).entries()) {
    if (!port.nodePort && !allocatesNodePorts(spec)) continue
    if (!port.nodePort || !(held.has(port.nodePort) || claims.has(port.nodePort))) {
      const refused = assignPort(metadata.name, port, index, port.nodePort, claims)
      if (refused) return refused
    }
    const pair = `{${port.protocol} ${port.nodePort}}`
    if (pairs.has(pair)) return status.untyped(`duplicate nodePort: ${pair}`)
    pairs.add(pair)
  }
  return undefined
}

/** @param wanted absent or 0: any */
function assignPort(name: string | undefined, port: ServicePort, index: number, wanted: number | undefined, claims: PortClaims): Status | undefined {
  if (wanted) {
    const problem = claims.claim(wanted)
    if (problem) return status.invalid(kind, name ?? '', [field.invalid(`spec.ports[${index}].nodePort`, wanted, problem)])
    port.nodePort = wanted
    return undefined
  }
  const drawn = claims.draw()
  if (drawn === undefined) return status.internalError(`failed to allocate a nodePort: ${full}`)
  port.nodePort = drawn
  return undefined
}

function assignHealthCheckPort(spec: ServiceSpec, claims: PortClaims): Status | undefined {
  const { healthCheckNodePort: wanted } = spec
  if (wanted) {
    const problem = claims.claim(wanted)
    return problem ? status.internalError(`failed to allocate requested HealthCheck NodePort ${wanted}: ${problem}`) : undefined
  }
  const drawn = claims.draw()
  if (drawn === undefined) return status.internalError(`failed to allocate a HealthCheck NodePort 0: ${full}`)
  spec.healthCheckNodePort = drawn
  return undefined
}

// What a trial run shows for a port that it does not draw.
const trialPortFirst = 32769

/** What one request takes of the pool. */
class PortClaims {
  readonly #snapshot: Snapshot
  readonly #random: Random
  readonly #range: PortRange
  readonly #isTrial: boolean
  readonly #claimed = new Set<number>()

  constructor({ snapshot, random, dryRun }: AdmissionRequest<Service>, range: PortRange) {
    this.#snapshot = snapshot
    this.#random = random
    this.#range = range
    this.#isTrial = dryRun
  }

  has(port: number): boolean {
    return this.#claimed.has(port)
  }

  /** @returns why the port cannot be had */
  claim(port: number): string | undefined {
    const { first, last } = this.#range
    if (!this.#isTrial && (port < first || port > last)) {
      return `provided port is not in the valid range. The range of valid ports is ${first}-${last}`
    }
    if (this.#isTaken(port)) return 'provided port is already allocated'
    this.#claimed.add(port)
    return undefined
  }

  /** Any free port, or nothing when all are taken. A trial run shows one that may not be free. */
  draw(): number | undefined {
    const drawn = this.#isTrial ? this.#nextTrialPort() : this.#drawFrom(bandsOf(this.#range))
    if (drawn !== undefined) this.#claimed.add(drawn)
    return drawn
  }

  #nextTrialPort(): number {
    return this.#claimed.size ? Math.max(...this.#claimed) + 1 : trialPortFirst
  }

  #drawFrom(bands: readonly PortRange[]): number | undefined {
    for (const { first, last } of bands) {
      const size = last - first + 1
      const start = this.#random.integer(size)
      for (let step = 0; step < size; step++) {
        const port = first + ((start + step) % size)
        if (!this.#isTaken(port)) return port
      }
    }
    return undefined
  }

  #isTaken(port: number): boolean {
    return this.#claimed.has(port) || this.#snapshot.find(servicesByNodePort, String(port)).length > 0
  }
}

/** The lower band is left to those who ask for a port, as long as the upper one has any. */
function bandsOf({ first, last }: PortRange): PortRange[] {
  const size = last - first + 1
  if (size <= 16) return [{ first, last }]
  const offset = Math.min(Math.max(16, Math.floor(size / 32)), 128)
  const upper = { first: first + offset, last }
  return upper.first > last ? [{ first, last }] : [upper, { first, last: upper.first - 1 }]
}
