// How Services and their endpoints are printed.
// Upstream: pkg/printers/internalversion/printers.go printService, printEndpoints, printEndpointSlice
import { type Cell, formatLabelMap } from '../../machinery/index.js'
import type { Endpoints, Service, ServicePort } from '../shapes/core-v1.js'
import type { EndpointSlice } from '../shapes/discovery-v1.js'

export const serviceCells: Record<string, (service: Service) => Cell> = {
  Type: ({ spec }) => spec.type ?? '',
  'Cluster-IP': ({ spec }) => spec.clusterIPs?.[0] || '<none>',
  'External-IP': externalText,
  'Port(s)': ({ spec }) => (spec.ports ?? []).map(portText).join(',') || '<none>',
  Selector: ({ spec }) => formatLabelMap(spec.selector) || '<none>',
}

function portText({ port, nodePort, protocol }: ServicePort): string {
  return nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`
}

function externalText({ spec, status }: Service): string {
  if (spec.type === 'ExternalName') return spec.externalName ?? ''
  const own = spec.externalIPs ?? []
  if (spec.type !== 'LoadBalancer') return own.join(',') || '<none>'
  const given = (status.loadBalancer.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '').filter(Boolean)
  const balanced = [...new Set(given)].sort()
  return [...(balanced.length ? [balanced.join(',')] : []), ...own].join(',') || '<pending>'
}

const shownMax = 3

/** The first items of what may be very many. */
class Shortened {
  readonly shown: string[] = []
  count = 0

  add(text: string): void {
    if (this.count++ < shownMax) this.shown.push(text)
  }

  text(absent: string): string {
    if (!this.count) return absent
    const more = this.count - this.shown.length
    return more ? `${this.shown.join(',')} + ${more} more...` : this.shown.join(',')
  }
}

export const endpointsCells: Record<string, (endpoints: Endpoints) => Cell> = {
  Endpoints({ subsets }) {
    if (!subsets?.length) return '<none>'
    const list = new Shortened()
    for (const { addresses, ports } of subsets) {
      for (const port of ports?.length ? ports : [undefined]) for (const { ip } of addresses ?? []) list.add(port ? hostPort(ip, port.port) : ip)
    }
    return list.text('')
  },
}

function hostPort(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}

export const endpointSliceCells: Record<string, (slice: EndpointSlice) => Cell> = {
  AddressType: ({ addressType }) => addressType,
  Ports({ ports }) {
    const list = new Shortened()
    for (const { port, name } of ports ?? []) list.add(port === undefined || port === null ? (name ?? '*') : String(port))
    return list.text('<unset>')
  },
  Endpoints({ endpoints }) {
    const list = new Shortened()
    for (const { addresses } of endpoints ?? []) for (const address of addresses ?? []) list.add(address)
    return list.text('<unset>')
  },
}
