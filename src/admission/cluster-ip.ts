// Cluster IPs: given out of the networks of ServiceCIDRs, each marked as taken by an IPAddress written beside its Service.
// Upstream: pkg/registry/core/service/ipallocator/{cidrallocator,ipallocator}.go, pkg/registry/core/service/storage/alloc.go
import {
  type AdmissionRequest,
  type CIDR,
  type CompanionWrite,
  cidrContains,
  field,
  formatTime,
  type IP,
  type IPFamily,
  ipAt,
  parseCIDR,
  parseIP,
  type Random,
  type Snapshot,
  type Status,
  status,
} from '../machinery/index.js'
import { clusterIPsOf, headlessIP, ipAddress, needsClusterIP, type Service, type ServiceCIDR, type ServiceSpec, serviceCIDR } from '../resources/index.js'
import { isSettledPreference } from './service-families.js'
import { canonicalIP, servicesByClusterIP } from './service-indexes.js'

/** The network of one family that the server was started with. */
export interface ClusterIPRange {
  cidr: string
}

export type Outcome = { refused: Status } | { companions: CompanionWrite[] }

const nothing: Outcome = { companions: [] }
const kind = { group: '', resource: 'Service' }

/** Gives a service the addresses it lacks, one of each of its families, and takes back those it has no use for. */
export function allocateClusterIPs(request: AdmissionRequest<Service>, ranges: readonly ClusterIPRange[]): Outcome {
  const { object, old } = request
  if (!old) return assign(request, ranges, 0)
  if (isSettledPreference(object.spec, old.spec)) return nothing
  if (!needsClusterIP(old.spec)) return assign(request, ranges, 0)
  if (old.spec.clusterIPs?.[0] === headlessIP) return nothing
  const isUpgrade = needsClusterIP(object.spec) && old.spec.ipFamilies?.length === 1 && object.spec.ipFamilies?.length === 2
  const assigned = isUpgrade ? assign(request, ranges, 1) : nothing
  if ('refused' in assigned) return assigned
  const kept = needsClusterIP(object.spec) ? clusterIPsOf(object).map(canonicalIP) : []
  return { companions: [...assigned.companions, ...releaseClusterIPs(request, old, kept)] }
}

/** @param kept canonical addresses that stay */
export function releaseClusterIPs({ snapshot }: AdmissionRequest<Service>, owner: Service, kept: readonly string[] = []): CompanionWrite[] {
  if (!needsClusterIP(owner.spec)) return []
  const { namespace, name } = owner.metadata
  const isOwn = (address: string) => {
    const parent = snapshot.get(ipAddress, { name: address })?.spec.parentRef
    return parent?.resource === 'services' && !parent.group && parent.namespace === namespace && parent.name === name
  }
  return clusterIPsOf(owner)
    .map(canonicalIP)
    .filter((address) => !kept.includes(address) && isOwn(address))
    .map((address) => ({ verb: 'delete', definition: ipAddress, namespace: '', name: address }))
}

/** @param from index of the first family to care for */
function assign(request: AdmissionRequest<Service>, ranges: readonly ClusterIPRange[], from: number): Outcome {
  const { spec } = request.object
  if (!needsClusterIP(spec) || spec.clusterIPs?.[0] === headlessIP) return nothing
  const families = (spec.ipFamilies ?? []) as IPFamily[]
  const wanted = families.map((_, index) => spec.clusterIPs?.[index] ?? '')
  const companions: CompanionWrite[] = []
  const given: string[] = []
  for (const [index, family] of families.entries()) {
    const asked = wanted[index]
    const draw = index < from ? { address: asked } : take(request, usableCIDRs(request.snapshot, family, ranges), asked)
    if ('problem' in draw) return { refused: refusal(request, asked, wanted, draw.problem) }
    given.push(asked || draw.address)
    if (index >= from && !request.dryRun) companions.push(claim(request, family, draw.address))
  }
  setClusterIPs(spec, given)
  return { companions }
}

function setClusterIPs(spec: ServiceSpec, given: string[]): void {
  if (!given.length) return
  spec.clusterIP = given[0]
  spec.clusterIPs = given
}

function refusal({ object }: AdmissionRequest<Service>, asked: string, wanted: readonly string[], problem: string): Status {
  if (!asked) return status.internalError(`failed to allocate a serviceIP: ${problem}`)
  return status.invalid(kind, object.metadata.name ?? '', [field.invalid('spec.clusterIPs', wanted, `failed to allocate IP ${asked}: ${problem}`)])
}

/** Every address has an object, so that it is taken for everybody and at once. */
function claim({ object, snapshot }: AdmissionRequest<Service>, family: IPFamily, address: string): CompanionWrite {
  const { namespace, name } = object.metadata
  return {
    verb: 'create',
    definition: ipAddress,
    object: {
      metadata: {
        name: address,
        labels: { 'ipaddress.kubernetes.io/ip-family': family, 'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io' },
        managedFields: [
          {
            manager: 'kube-apiserver',
            operation: 'Update',
            apiVersion: ipAddress.apiVersion,
            time: formatTime(snapshot.now),
            fieldsType: 'FieldsV1',
            fieldsV1,
          },
        ],
      },
      spec: { parentRef: { resource: 'services', namespace, name } },
    },
  }
}

const fieldsV1 = {
  'f:metadata': { 'f:labels': { '.': {}, 'f:ipaddress.kubernetes.io/ip-family': {}, 'f:ipaddress.kubernetes.io/managed-by': {} } },
  'f:spec': { 'f:parentRef': { '.': {}, 'f:name': {}, 'f:namespace': {}, 'f:resource': {} } },
}

// IPv6 networks may be huge; upstream gives out addresses of those with 64 host bits at most.
const ipv6PrefixLengthMin = 64

/** The ServiceCIDR that stands for the networks the server was started with. */
const defaultName = 'kubernetes'

/**
 * Networks of one family that addresses may be taken from: those of ServiceCIDRs that are ready and not on their way out.
 * Until the default one exists, and if somebody removes it, the flags speak for it.
 */
function usableCIDRs(snapshot: Snapshot, family: IPFamily, ranges: readonly ClusterIPRange[]): CIDR[] {
  const present = snapshot.list(serviceCIDR)
  const texts = present.filter(isUsable).flatMap(({ spec }) => spec.cidrs ?? [])
  if (!present.some(({ metadata }) => metadata.name === defaultName)) texts.unshift(...ranges.map(({ cidr }) => cidr))
  return [...new Set(texts)].flatMap((text) => {
    const cidr = parseCIDR(text)
    return cidr?.family === family && (family === 'IPv4' || cidr.prefixLength >= ipv6PrefixLengthMin) ? [cidr] : []
  })
}

function isUsable({ metadata, status }: ServiceCIDR): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  return metadata.deletionTimestamp === undefined && (!ready || ready.status === 'True')
}

type Draw = { address: string } | { problem: string }

/** @param asked empty: any */
function take(request: AdmissionRequest<Service>, cidrs: readonly CIDR[], asked: string): Draw {
  if (request.dryRun && !cidrs.length) return { problem: 'allocator not ready' }
  return asked ? takeAsked(request, cidrs, asked) : takeAny(request, cidrs)
}

function takeAsked({ snapshot, dryRun }: AdmissionRequest<Service>, cidrs: readonly CIDR[], asked: string): Draw {
  const ip = parseIP(asked) as IP
  // A trial run asks the first network alone.
  if (dryRun) return isAssignable(cidrs[0], ip) ? { address: ip.text } : { problem: outOfRange(ip, cidrs[0]) }
  if (!cidrs.some((cidr) => isAssignable(cidr, ip))) return { problem: 'the provided network does not match the current range' }
  return isTaken(snapshot, ip.text) ? { problem: 'provided IP is already allocated' } : { address: ip.text }
}

function outOfRange(ip: IP, cidr: CIDR): string {
  return `the provided IP (${ip.text}) is not in the valid range. The range of valid IPs is ${cidr.text}`
}

function takeAny({ snapshot, random, dryRun }: AdmissionRequest<Service>, cidrs: readonly CIDR[]): Draw {
  // A trial run takes nothing, and shows the network's own address for what would be found.
  if (dryRun) return { address: ipAt(cidrs[0].family, cidrs[0].first).text }
  for (const cidr of cidrs) {
    for (const band of bandsOf(cidr)) {
      const address = drawFrom(band, snapshot, random)
      if (address) return { address }
    }
  }
  return { problem: 'range is full' }
}

interface Band {
  family: IPFamily
  first: bigint
  last: bigint
}

/** Neither the network's own address nor the broadcast address of IPv4 is given out. */
function assignable({ family, first, last }: CIDR): Band {
  return { family, first: first + 1n, last: family === 'IPv4' ? last - 1n : last }
}

function isAssignable(cidr: CIDR, ip: IP): boolean {
  const { first, last } = assignable(cidr)
  return cidrContains(cidr, ip) && ip.value >= first && ip.value <= last
}

/** The lower band is left to those who ask for an address, as long as the upper one has any. */
function bandsOf(cidr: CIDR): Band[] {
  const all = assignable(cidr)
  const size = cidr.last - cidr.first + 1n
  const sixteenth = size / 16n
  const offset = size <= 16n ? 0n : sixteenth < 16n ? 16n : sixteenth > 256n ? 256n : sixteenth
  const upper = { ...all, first: all.first + offset }
  return offset ? [upper, { ...all, last: upper.first - 1n }] : [all]
}

/** Tries all addresses from a random one on. */
function drawFrom({ family, first, last }: Band, snapshot: Snapshot, random: Random): string | undefined {
  const size = last - first + 1n
  if (size <= 0n) return undefined
  const start = randomBelow(size, random)
  for (let step = 0n; step < size; step++) {
    const { text } = ipAt(family, first + ((start + step) % size))
    if (!isTaken(snapshot, text)) return text
  }
  return undefined
}

const wordSize = 2 ** 32

function randomBelow(below: bigint, random: Random): bigint {
  if (below <= BigInt(wordSize)) return BigInt(random.integer(Number(below)))
  return ((BigInt(random.integer(wordSize)) << 32n) | BigInt(random.integer(wordSize))) % below
}

// The object may have been deleted by hand while the service that holds the address lives on.
function isTaken(snapshot: Snapshot, address: string): boolean {
  return snapshot.get(ipAddress, { name: address }) !== undefined || snapshot.find(servicesByClusterIP, address).length > 0
}
