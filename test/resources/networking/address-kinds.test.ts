// IPAddresses and ServiceCIDRs: what is refused of new and changed ones.
import { describe, expect, it } from 'vitest'
import type { Plain } from '../../../src/machinery/index.js'
import { openRealm, refusalOf } from '../../support/realm.js'

const ipaddresses = 'networking.k8s.io/v1/ipaddresses'
const servicecidrs = 'networking.k8s.io/v1/servicecidrs'
const web = { resource: 'services', namespace: 'default', name: 'web' }

describe('an IPAddress', () => {
  const make = (name: string, parentRef?: Plain) => refusalOf(openRealm().create(ipaddresses, { metadata: { name }, spec: parentRef ? { parentRef } : {} }))
  const invalid = (name: string, error: string) => `IPAddress.networking.k8s.io "${name}" is invalid: ${error}`

  it.each<[string, string]>([
    ['web', 'metadata.name: Invalid value: "web": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
    ['010.0.0.1', 'metadata.name: Invalid value: "010.0.0.1": must not have leading 0s'],
    ['::ffff:1.2.3.4', 'metadata.name: Invalid value: "::ffff:1.2.3.4": must not be an IPv4-mapped IPv6 address'],
    ['FD00::1', 'metadata.name: Invalid value: "FD00::1": must be in canonical form ("fd00::1")'],
  ])('is not named %s', (name, error) => {
    expect(make(name, web)).toBe(invalid(name, error))
  })

  it.each<[string, Plain | undefined, string | undefined]>([
    ['of a service', web, undefined],
    ['of something of the whole cluster', { group: 'example.com', resource: 'gateways', name: 'g' }, undefined],
    ['of nobody', undefined, 'spec.parentRef: Required value'],
    ['of nothing in particular', { namespace: 'default' }, '[spec.parentRef.resource: Required value, spec.parentRef.name: Required value]'],
    [
      'of what is no path',
      { resource: 'a/b', name: '..', namespace: 'a%b' },
      '[spec.parentRef.resource: Invalid value: "a/b": may not contain \'/\', spec.parentRef.name: Invalid value: "..": may not be \'..\', spec.parentRef.namespace: Invalid value: "a%b": may not contain \'%\']',
    ],
  ])('%s', (_, parentRef, error) => {
    expect(make('10.0.0.1', parentRef)).toBe(error && invalid('10.0.0.1', error))
  })

  it('never changes hands', () => {
    const realm = openRealm()
    realm.create(ipaddresses, { metadata: { name: '10.0.0.1' }, spec: { parentRef: web } })
    expect(refusalOf(realm.change(ipaddresses, '10.0.0.1', ({ metadata }) => (metadata.labels = { a: 'b' })))).toBeUndefined()
    expect(refusalOf(realm.change(ipaddresses, '10.0.0.1', ({ spec }) => (spec.parentRef.name = 'other')))).toBe(
      invalid('10.0.0.1', 'spec.parentRef: Invalid value: {"Group":"","Resource":"services","Namespace":"default","Name":"other"}: field is immutable'),
    )
  })
})

describe('a ServiceCIDR', () => {
  const invalid = (error: string) => `ServiceCIDR.networking.k8s.io "more" is invalid: ${error}`
  const [four, six] = ['10.0.0.0/24', 'fd00::/112']
  const canonical = 'must be in canonical form'

  it.each<[string, string[], string | undefined]>([
    ['of one family', [six], undefined],
    ['of two families', [six, four], undefined],
    ['of none', [], 'spec.cidrs: Required value: at least one CIDR required'],
    ['of three', [four, six, '10.1.0.0/24'], 'spec.cidrs: Invalid value: {"CIDRs":["10.0.0.0/24","fd00::/112","10.1.0.0/24"]}: may only hold up to 2 values'],
    [
      'of one family twice',
      [four, '10.1.0.0/24'],
      'spec.cidrs: Invalid value: ["10.0.0.0/24","10.1.0.0/24"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
    ],
    ['of no network', ['x'], 'spec.cidrs[0]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'],
    ['of an address', ['10.0.0.1/24'], 'spec.cidrs[0]: Invalid value: "10.0.0.1/24": must not have bits set beyond the prefix length'],
    ['of an odd text', [four, 'FD00::/112'], `spec.cidrs[1]: Invalid value: "FD00::/112": ${canonical} ("fd00::/112")`],
  ])('%s', (_, cidrs, error) => {
    expect(refusalOf(openRealm().create(servicecidrs, { metadata: { name: 'more' }, spec: { cidrs } }))).toBe(error && invalid(error))
  })

  it.each<[string, string[], string[], string | undefined]>([
    ['gets a second family', [four], [four, six], undefined],
    [
      'gets no second network of its family',
      [four],
      [four, '10.1.0.0/24'],
      'spec.cidrs: Invalid value: ["10.0.0.0/24","10.1.0.0/24"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
    ],
    ['does not change', [four], ['10.1.0.0/24'], 'spec.cidrs[0]: Invalid value: "10.1.0.0/24": field is immutable'],
    ['does not change when it grows', [four], [six, four], 'spec.cidrs[0]: Invalid value: "fd00::/112": field is immutable'],
    ['does not shrink', [four, six], [four], 'spec.cidrs: Invalid value: ["10.0.0.0/24"]: field is immutable'],
  ])('%s', (_, before, after, error) => {
    const realm = openRealm()
    realm.create(servicecidrs, { metadata: { name: 'more' }, spec: { cidrs: before } })
    expect(refusalOf(realm.change(servicecidrs, 'more', ({ spec }) => (spec.cidrs = after)))).toBe(error && invalid(error))
  })
})
