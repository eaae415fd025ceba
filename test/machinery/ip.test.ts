// Addresses and networks as the API reads, prints and refuses them.
import { describe, expect, it } from 'vitest'
import {
  cidrContains,
  cidrsOverlap,
  cidrWarnings,
  ipAt,
  ipFamilyOf,
  ipWarnings,
  parseCIDR,
  parseIP,
  validateCIDR,
  validateIP,
  validateLegacyCIDR,
  validateLegacyIP,
  validateNonSpecialIP,
} from '../../src/machinery/index.js'

const badIP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
const badCIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'
const soon = 'will be considered invalid in a future Kubernetes release: use'

describe('an address', () => {
  it.each([
    ['10.0.0.1', 'IPv4', '10.0.0.1'],
    ['255.255.255.255', 'IPv4', '255.255.255.255'],
    ['010.002.0.1', 'IPv4', '10.2.0.1'],
    ['::ffff:1.2.3.4', 'IPv4', '1.2.3.4'],
    ['::ffff:102:304', 'IPv4', '1.2.3.4'],
    ['::', 'IPv6', '::'],
    ['FE80:0:0:0:0:0:0:0abc', 'IPv6', 'fe80::abc'],
    ['2001:0:0:1:0:0:0:1', 'IPv6', '2001:0:0:1::1'],
    ['1:0:2:3:4:5:6:7', 'IPv6', '1:0:2:3:4:5:6:7'],
    ['1:2:3:4:5:6:7::', 'IPv6', '1:2:3:4:5:6:7:0'],
    ['64:ff9b::1.2.3.4', 'IPv6', '64:ff9b::102:304'],
    ['::1.2.3.4', 'IPv6', '::102:304'],
  ])('%s is %s %s', (text, family, canonical) => {
    const ip = parseIP(text)
    expect(ip).toMatchObject({ family, text: canonical })
    expect(ipAt(ip!.family, ip!.value)).toEqual(ip)
    expect(ipFamilyOf(text)).toBe(family)
    expect(validateLegacyIP(text)).toEqual([])
  })

  it.each([
    '',
    ' 10.0.0.1',
    '10.0.0',
    '10.1',
    '1',
    '0x0a.0.0.1',
    '10.0.0.256',
    '10.0.0.1.',
    '10.0.0.1/8',
    '-1.0.0.1',
    '1:2:3:4:5:6:7',
    '1::2::3',
    ':::',
    '12345::',
    '::1%eth0',
    '::1.2.3',
    '::1.2.3.256',
    '1:2:3:4:5:6:7:8:9',
    'localhost',
    '٣.0.0.1',
    `${'0'.repeat(100_000)}1.0.0.1`,
    '1:'.repeat(100_000),
  ])(
    '%# is none',
    (text) => {
      expect(parseIP(text)).toBeUndefined()
      expect(validateLegacyIP(text)).toEqual([badIP])
      expect(validateIP(text)).toEqual([badIP])
      expect(ipWarnings('spec.ip', text)).toEqual([])
    },
    500,
  )

  it.each([
    ['10.0.0.1', []],
    ['fd00::a', []],
    ['010.0.0.1', ['must not have leading 0s']],
    ['::ffff:01.2.3.4', ['must not have leading 0s']],
    ['::ffff:1.2.3.4', ['must not be an IPv4-mapped IPv6 address']],
    ['FD00::A', ['must be in canonical form ("fd00::a")']],
    ['fd00::0001', ['must be in canonical form ("fd00::1")']],
  ])('%s of a new field: %j', (text, problems) => {
    expect(validateIP(text)).toEqual(problems)
  })

  it.each([
    ['10.0.0.1', []],
    ['010.0.0.1', [`spec.ip: non-standard IP address "010.0.0.1" ${soon} "10.0.0.1"`]],
    ['::ffff:1.2.3.4', [`spec.ip: non-standard IP address "::ffff:1.2.3.4" ${soon} "1.2.3.4"`]],
    ['FD00::1', ['spec.ip: IPv6 address "FD00::1" should be in RFC 5952 canonical format ("fd00::1")']],
  ])('%s of an old field warns %j', (text, warnings) => {
    expect(ipWarnings('spec.ip', text)).toEqual(warnings)
  })

  it.each([
    ['10.0.0.1', []],
    ['0.0.0.0', ['may not be unspecified (0.0.0.0)']],
    ['::', ['may not be unspecified (::)']],
    ['127.9.9.9', ['may not be in the loopback range (127.0.0.0/8, ::1/128)']],
    ['::1', ['may not be in the loopback range (127.0.0.0/8, ::1/128)']],
    ['169.254.1.1', ['may not be in the link-local range (169.254.0.0/16, fe80::/10)']],
    ['febf::1', ['may not be in the link-local range (169.254.0.0/16, fe80::/10)']],
    ['224.0.0.9', ['may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)']],
    ['224.0.1.1', []],
    ['ff02::1', ['may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)']],
    ['ff05::1', []],
    ['nowhere', ['must be a valid IP address']],
  ])('%s of a server elsewhere: %j', (text, problems) => {
    expect(validateNonSpecialIP(text)).toEqual(problems)
  })
})

describe('a network', () => {
  it.each([
    ['10.1.2.3/8', '10.0.0.0/8'],
    ['010.0.0.0/08', '10.0.0.0/8'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['::ffff:10.0.0.0/104', '10.0.0.0/8'],
    ['FD00::1/64', 'fd00::/64'],
    ['::/0', '::/0'],
  ])('%s is %s', (text, canonical) => {
    expect(parseCIDR(text)?.text).toBe(canonical)
    expect(validateLegacyCIDR(text)).toEqual([])
  })

  it.each([
    '',
    '10.0.0.0',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0/8',
    '::/129',
    '10.0.0.0/8 ',
    '/8',
    `10.0.0.0/${'0'.repeat(100_000)}`,
  ])('%# is none', (text) => {
    expect(parseCIDR(text)).toBeUndefined()
    expect(validateLegacyCIDR(text)).toEqual([badCIDR])
    expect(validateCIDR(text)).toEqual([badCIDR])
  })

  it.each([
    ['10.0.0.0/8', []],
    ['fd00::/64', []],
    ['10.0.0.0/08', ['must not have leading 0s in IP or prefix length']],
    ['010.0.0.0/8', ['must not have leading 0s in IP or prefix length']],
    ['::ffff:10.0.0.0/104', ['must not have an IPv4-mapped IPv6 address']],
    ['10.0.0.1/8', ['must not have bits set beyond the prefix length']],
    ['FD00::/64', ['must be in canonical form ("fd00::/64")']],
  ])('%s of a new field: %j', (text, problems) => {
    expect(validateCIDR(text)).toEqual(problems)
  })

  it.each([
    ['10.0.0.0/8', []],
    ['10.0.0.1/8', ['at: CIDR value "10.0.0.1/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.1/32"?)']],
    ['010.0.0.0/8', [`at: non-standard CIDR value "010.0.0.0/8" ${soon} "10.0.0.0/8"`]],
    ['FD00::/64', ['at: IPv6 CIDR value "FD00::/64" should be in RFC 5952 canonical format ("fd00::/64")']],
  ])('%s of an old field warns %j', (text, warnings) => {
    expect(cidrWarnings('at', text)).toEqual(warnings)
  })

  it('knows its addresses and its neighbours', () => {
    const [wide, narrow, other, six] = ['10.0.0.0/8', '10.255.0.0/16', '11.0.0.0/8', '::/0'].map((text) => parseCIDR(text)!)
    const isIn = (cidr: typeof wide, text: string) => cidrContains(cidr, parseIP(text)!)
    expect([isIn(wide, '10.0.0.0'), isIn(wide, '10.255.255.255'), isIn(wide, '11.0.0.0'), isIn(six, '10.0.0.0'), isIn(six, 'fd00::')]).toEqual([
      true,
      true,
      false,
      false,
      true,
    ])
    expect([cidrsOverlap(wide, narrow), cidrsOverlap(narrow, wide), cidrsOverlap(wide, other), cidrsOverlap(wide, six)]).toEqual([true, true, false, false])
  })
})
