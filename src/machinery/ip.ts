// IP addresses and networks: how they are read, in which text they are canonical, and what the API says of bad ones.
// Upstream: apimachinery/pkg/util/validation/ip.go, k8s.io/utils/net/parse.go ParseIPSloppy
import ipaddr from 'ipaddr.js'
import { quote } from './field-error.js'

export type IPFamily = 'IPv4' | 'IPv6'

export interface IP {
  readonly family: IPFamily
  /** The address as a number: 32 or 128 bits. */
  readonly value: bigint
  /** Canonical text (RFC 5952). */
  readonly text: string
}

/** A network; host bits are cleared. */
export interface CIDR {
  readonly family: IPFamily
  /** The network's own address. */
  readonly first: bigint
  /** The last address: all host bits set. */
  readonly last: bigint
  readonly prefixLength: number
  /** Canonical text. */
  readonly text: string
}

// Longer texts are no addresses, whatever they hold.
const textMax = 64
const bitsOf = { IPv4: 32, IPv6: 128 } as const
const fourNumbers = /^\d+\.\d+\.\d+\.\d+$/
const leadingZero = /(?:^|\.)0\d/
const mappedPrefix = 0xffffn

/**
 * Reads an address as fields older than the strict rules do: leading zeros in IPv4 are ignored, and an IPv6 address that
 * only wraps an IPv4 one is that.
 */
export function parseIP(text: string): IP | undefined {
  const address = readAddress(text)
  return address && unmapped(address)
}

/** @param value of an address of this family */
export function ipAt(family: IPFamily, value: bigint): IP {
  return { family, value, text: family === 'IPv4' ? formatIPv4(Number(value)) : formatIPv6(value) }
}

/** The family of an address, if it is one. */
export function ipFamilyOf(text: string): IPFamily | undefined {
  return parseIP(text)?.family
}

/** `10.0.0.0/8`; host bits are allowed and cleared, leading zeros ignored. */
export function parseCIDR(text: string): CIDR | undefined {
  return readNetwork(text)?.network
}

export function cidrContains({ family, first, last }: CIDR, ip: IP): boolean {
  return ip.family === family && ip.value >= first && ip.value <= last
}

export function cidrsOverlap(one: CIDR, other: CIDR): boolean {
  return one.family === other.family && one.first <= other.last && other.first <= one.last
}

const badIP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
const badCIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'

/** What is wrong with an address of an old field, which may be written in more than one way. */
export function validateLegacyIP(text: string): string[] {
  return parseIP(text) ? [] : [badIP]
}

/** What is wrong with an address of a new field: there is one way to write it. */
export function validateIP(text: string): string[] {
  const ip = parseIP(text)
  if (!ip) return [badIP]
  if (hasLeadingZero(text)) return ['must not have leading 0s']
  if (isMapped(text)) return ['must not be an IPv4-mapped IPv6 address']
  return text === ip.text ? [] : [`must be in canonical form (${quote(ip.text)})`]
}

export function validateLegacyCIDR(text: string): string[] {
  return parseCIDR(text) ? [] : [badCIDR]
}

export function validateCIDR(text: string): string[] {
  const read = readNetwork(text)
  if (!read) return [badCIDR]
  if (networkHasLeadingZero(text)) return ['must not have leading 0s in IP or prefix length']
  if (isMapped(addressPart(text))) return ['must not have an IPv4-mapped IPv6 address']
  if (read.ip.value !== read.network.first) return ['must not have bits set beyond the prefix length']
  return text === read.network.text ? [] : [`must be in canonical form (${quote(read.network.text)})`]
}

/** Why an address cannot be that of a server somewhere else. Upstream: core/validation ValidateEndpointIP */
export function validateNonSpecialIP(text: string): string[] {
  const ip = parseIP(text)
  if (!ip) return ['must be a valid IP address']
  return specialRanges.filter(({ cidrs }) => cidrs.some((cidr) => cidrContains(cidr, ip))).map(({ problem }) => problem.replace('<ip>', text))
}

const rangesOf = (...texts: string[]) => texts.map((text) => parseCIDR(text) as CIDR)

// The flags between prefix and scope of a multicast address do not matter.
const linkLocalMulticasts = [...'0123456789abcdef'].map((flags) => `ff${flags}2::/16`)

const specialRanges: { problem: string; cidrs: CIDR[] }[] = [
  { problem: 'may not be unspecified (<ip>)', cidrs: rangesOf('0.0.0.0/32', '::/128') },
  { problem: 'may not be in the loopback range (127.0.0.0/8, ::1/128)', cidrs: rangesOf('127.0.0.0/8', '::1/128') },
  { problem: 'may not be in the link-local range (169.254.0.0/16, fe80::/10)', cidrs: rangesOf('169.254.0.0/16', 'fe80::/10') },
  { problem: 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)', cidrs: rangesOf('224.0.0.0/24', ...linkLocalMulticasts) },
]

/** Warnings of an address in an old field that is accepted and not canonical. */
export function ipWarnings(path: string, text: string): string[] {
  const ip = parseIP(text)
  if (!ip) return []
  if (hasLeadingZero(text) || isMapped(text)) return [nonStandard(`${path}: non-standard IP address`, text, ip.text)]
  return text === ip.text ? [] : [`${path}: IPv6 address ${quote(text)} should be in RFC 5952 canonical format (${quote(ip.text)})`]
}

/** Warnings of a network in an old field that is accepted and not canonical. */
export function cidrWarnings(path: string, text: string): string[] {
  const read = readNetwork(text)
  if (!read) return []
  const { ip, network } = read
  const warnings: string[] = []
  if (ip.value !== network.first) {
    const alone = `${ip.text}/${bitsOf[ip.family]}`
    warnings.push(`${path}: CIDR value ${quote(text)} is ambiguous in this context (should be ${quote(network.text)} or ${quote(alone)}?)`)
  }
  if (networkHasLeadingZero(text) || isMapped(addressPart(text))) {
    warnings.push(nonStandard(`${path}: non-standard CIDR value`, text, network.text))
  }
  if (!warnings.length && text !== network.text) {
    warnings.push(`${path}: IPv6 CIDR value ${quote(text)} should be in RFC 5952 canonical format (${quote(network.text)})`)
  }
  return warnings
}

function nonStandard(subject: string, text: string, canonical: string): string {
  return `${subject} ${quote(text)} will be considered invalid in a future Kubernetes release: use ${quote(canonical)}`
}

const addressPart = (text: string) => text.slice(0, text.indexOf('/'))

// Only IPv4 has the rule, alone or at the end of IPv6.
function hasLeadingZero(text: string): boolean {
  return (text.includes('.') || !text.includes(':')) && leadingZero.test(text.slice(text.lastIndexOf(':') + 1))
}

function networkHasLeadingZero(text: string): boolean {
  return hasLeadingZero(addressPart(text)) || /\/0\d/.test(text)
}

function isMapped(text: string): boolean {
  const address = readAddress(text)
  return address?.family === 'IPv6' && isMappedValue(address)
}

function isMappedValue({ value }: IP): boolean {
  return value >> 32n === mappedPrefix
}

/** An address as it is written, IPv4 inside IPv6 included. */
function readAddress(text: string): IP | undefined {
  if (text.length > textMax) return undefined
  return text.includes(':') ? readIPv6(text) : readIPv4(text)
}

function unmapped(address: IP): IP {
  return address.family === 'IPv6' && isMappedValue(address) ? ipAt('IPv4', address.value & 0xffffffffn) : address
}

function readIPv4(text: string): IP | undefined {
  if (!fourNumbers.test(text)) return undefined
  let value = 0
  for (const part of text.split('.')) {
    const byte = Number(part)
    if (byte > 255) return undefined
    value = value * 256 + byte
  }
  return { family: 'IPv4', value: BigInt(value), text: formatIPv4(value) }
}

function readIPv6(text: string): IP | undefined {
  const native = withoutDots(text)
  if (!native || /[^0-9a-fA-F:]/.test(native) || !ipaddr.IPv6.isValid(native)) return undefined
  let value = 0n
  for (const part of ipaddr.IPv6.parse(native).parts) value = (value << 16n) | BigInt(part)
  return { family: 'IPv6', value, text: formatIPv6(value) }
}

/** The last 32 bits may be written as IPv4: `::ffff:10.0.0.1`. */
function withoutDots(text: string): string | undefined {
  if (!text.includes('.')) return text
  const colon = text.lastIndexOf(':')
  const tail = readIPv4(text.slice(colon + 1))
  if (!tail) return undefined
  return `${text.slice(0, colon + 1)}${(tail.value >> 16n).toString(16)}:${(tail.value & 0xffffn).toString(16)}`
}

function readNetwork(text: string): { ip: IP; network: CIDR } | undefined {
  const [address, length, ...rest] = text.length > textMax ? [''] : text.split('/')
  const written = readAddress(address)
  if (!written || length === undefined || rest.length || !/^\d+$/.test(length) || Number(length) > bitsOf[written.family]) return undefined
  const ip = unmapped(written)
  // The length of a wrapped IPv4 network counts the wrapping too.
  const prefixLength = ip.family === written.family ? Number(length) : Number(length) - 96
  if (prefixLength < 0) return undefined
  const hostMask = (1n << BigInt(bitsOf[ip.family] - prefixLength)) - 1n
  const first = ip.value & ~hostMask
  return { ip, network: { family: ip.family, first, last: first | hostMask, prefixLength, text: `${ipAt(ip.family, first).text}/${prefixLength}` } }
}

function formatIPv4(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`
}

function formatIPv6(value: bigint): string {
  const parts: number[] = []
  for (let shift = 112n; shift >= 0n; shift -= 16n) parts.push(Number((value >> shift) & 0xffffn))
  return new ipaddr.IPv6(parts).toString()
}
