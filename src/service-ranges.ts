// The ranges services take their addresses and node ports from, as flags write them.
// Upstream: cmd/kube-apiserver/app/options/validation.go validateClusterIPFlags, apimachinery/pkg/util/net/port_range.go
import ipaddr from 'ipaddr.js'

export interface ClusterIPRange {
  /** The network with its host bits cleared: `10.96.0.0/16`. */
  cidr: string
  family: 'IPv4' | 'IPv6'
  /** Where the API is found from inside: the network's first address after its own. */
  firstAddress: string
}

/** Both ends belong to it. */
export interface PortRange {
  first: number
  last: number
}

const ipv6PrefixLengthMin = 64
// The smallest range has eight addresses.
const hostBitsMin = 3

/** @param text one range, or one of each family with a comma between */
export function parseClusterIPRanges(text: string): { ranges: ClusterIPRange[] } | { problem: string } {
  const flag = '--service-cluster-ip-range'
  const ranges: ClusterIPRange[] = []
  for (const part of text.split(',').map((each) => each.trim())) {
    const range = parseRange(part)
    if (typeof range === 'string') return { problem: `${flag}: ${JSON.stringify(part)} ${range}` }
    ranges.push(range)
  }
  if (ranges.length > 2) return { problem: `${flag} has ${ranges.length} ranges: give one, or one of each family such as 10.96.0.0/16,fd00:10:96::/112` }
  if (ranges.length === 2 && ranges[0].family === ranges[1].family) {
    return { problem: `${flag} has two ${ranges[0].family} ranges: give one of each family such as 10.96.0.0/16,fd00:10:96::/112` }
  }
  return { ranges }
}

function parseRange(text: string): ClusterIPRange | string {
  const malformed = 'is no network: give one such as 10.96.0.0/16'
  if (!/^[0-9a-fA-F:.]+\/\d{1,3}$/.test(text) || !ipaddr.isValidCIDR(text)) return malformed
  const [address, prefixLength] = ipaddr.parseCIDR(text)
  const isIPv4 = address.kind() === 'ipv4'
  if (isIPv4 && !ipaddr.IPv4.isValidFourPartDecimal(text.slice(0, text.indexOf('/')))) return malformed
  const bits = isIPv4 ? 32 : 128
  if (bits - prefixLength < hostBitsMin) return `is too small: give a prefix of at most /${bits - hostBitsMin}`
  if (!isIPv4 && prefixLength < ipv6PrefixLengthMin) return `is too large: give a prefix of at least /${ipv6PrefixLengthMin}`
  const bytes = address.toByteArray().map((byte, index) => byte & maskByte(prefixLength - index * 8))
  const network = ipaddr.fromByteArray(bytes).toString()
  // The host part is at least three bits wide and zero: adding one never carries.
  bytes[bytes.length - 1] += 1
  return { cidr: `${network}/${prefixLength}`, family: isIPv4 ? 'IPv4' : 'IPv6', firstAddress: ipaddr.fromByteArray(bytes).toString() }
}

/** @param bits of the prefix from this byte on */
const maskByte = (bits: number) => (bits >= 8 ? 0xff : bits <= 0 ? 0 : 0xff & (0xff << (8 - bits)))

/** @param text `30000-32767`, or `30000+2767`: a port and how many follow */
export function parsePortRange(text: string): { range: PortRange } | { problem: string } {
  const flag = '--service-node-port-range'
  const match = /^(\d{1,6})([-+])(\d{1,6})$/.exec(text.trim())
  if (!match) return { problem: `${flag}: ${JSON.stringify(text)} is no range of ports: give one such as 30000-32767` }
  const first = Number(match[1])
  const last = match[2] === '+' ? first + Number(match[3]) : Number(match[3])
  if (first > last) return { problem: `${flag}: ${JSON.stringify(text)} ends before it begins: give the lower port first` }
  if (first < 1 || last > 65535) return { problem: `${flag}: ${JSON.stringify(text)} is out of range: ports are 1 to 65535` }
  return { range: { first, last } }
}
