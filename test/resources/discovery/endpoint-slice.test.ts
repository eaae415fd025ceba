import { beforeEach, describe, expect, it } from 'vitest'
import type { Plain } from '../../../src/machinery/index.js'
import { endpointSlice } from '../../../src/resources/index.js'
import { causesOf, openRealm, type TestRealm } from '../../support/realm.js'

const slices = 'discovery.k8s.io/v1/endpointslices'
let realm: TestRealm
beforeEach(() => {
  realm = openRealm()
})

const sliceOf = (content: Plain) => ({ metadata: { name: 'a' }, addressType: 'IPv4', endpoints: [], ...content })
const create = (content: Plain) => realm.create(slices, sliceOf(content))
const address = { addresses: ['192.0.2.1'] }
const zones = (...names: string[]) => ({ ...address, hints: { forZones: names.map((name) => ({ name })) } })
const nodes = (...names: string[]) => ({ ...address, hints: { forNodes: names.map((name) => ({ name })) } })
const many = (count: number) => Array.from({ length: count }, (_, index) => `n${index}`)
const first = 'endpoints[0].addresses[0]'
const badIP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
const loopback = 'may not be in the loopback range (127.0.0.0/8, ::1/128)'

describe('an endpoint slice', () => {
  it('has names and protocols of ports filled in, and keeps what it is told of an endpoint', () => {
    const endpoint = {
      ...address,
      conditions: { ready: false },
      nodeName: 'n',
      zone: 'z',
      hostname: 'h',
      hints: { forZones: [{ name: 'z' }], forNodes: [{ name: 'n' }] },
    }
    const made = create({ endpoints: [endpoint], ports: [{ port: 80 }] }) as Plain
    expect(made.ports).toEqual([{ name: '', protocol: 'TCP', port: 80 }])
    expect(made.endpoints).toEqual([endpoint])
    expect(made.metadata.generation).toBe(1)
  })

  it.each<[string, Plain, string[]]>([
    ['no type', { addressType: '' }, ['addressType: Required value']],
    [
      'a foreign type',
      { addressType: 'IPX', endpoints: [{ addresses: ['x'] }] },
      ['addressType: Unsupported value: "IPX": supported values: "FQDN", "IPv4", "IPv6"'],
    ],
    ['too many endpoints', { endpoints: many(1001).map(() => ({})) }, ['endpoints: Too many: 1001: must have at most 1000 items']],
    ['no address', { endpoints: [{ addresses: [] }] }, ['endpoints[0].addresses: Required value: must contain at least 1 address']],
    [
      'too many addresses',
      { endpoints: [{ addresses: many(101).map(() => '192.0.2.1') }] },
      ['endpoints[0].addresses: Too many: 101: must have at most 100 items'],
    ],
    ['a word for an address', { endpoints: [{ addresses: ['x'] }] }, [`${first}: Invalid value: "x": ${badIP}`]],
    [
      'an address of the other family',
      { endpoints: [{ addresses: ['::1'] }] },
      ['endpoints[0].addresses: Invalid value: "::1": must be an IPv4 address', `${first}: Invalid value: "::1": ${loopback}`],
    ],
    ['an address with leading zeros', { endpoints: [{ addresses: ['192.000.2.1'] }] }, []],
    ['IPv6', { addressType: 'IPv6', endpoints: [{ addresses: ['2001:db8::1'] }] }, []],
    [
      'IPv6 that is not canonical',
      { addressType: 'IPv6', endpoints: [{ addresses: ['2001:DB8::1'] }] },
      [`${first}: Invalid value: "2001:DB8::1": must be in canonical form ("2001:db8::1")`],
    ],
    ['IPv4 as IPv6', { addressType: 'IPv6', endpoints: [address] }, ['endpoints[0].addresses: Invalid value: "192.0.2.1": must be an IPv6 address']],
    ['a domain', { addressType: 'FQDN', endpoints: [{ addresses: ['example.com.'] }] }, []],
    [
      'no domain',
      { addressType: 'FQDN', endpoints: [{ addresses: ['', 'example'] }] },
      [`${first}: Required value`, 'endpoints[0].addresses[1]: Invalid value: "example": should be a domain with at least two segments separated by dots'],
    ],
    ['a bad host', { endpoints: [{ ...address, hostname: 'a.b' }] }, ['endpoints[0].hostname: Invalid value: "a.b": must not contain dots']],
    [
      'a long node',
      { endpoints: [{ ...address, nodeName: 'n'.repeat(254) }] },
      [`endpoints[0].nodeName: Invalid value: "${'n'.repeat(254)}": must be no more than 253 characters`],
    ],
    ['a zone twice', { endpoints: [zones('z', 'y', 'z')] }, ['endpoints[0].hints.forZones[2].name: Duplicate value: "z"']],
    ['too many zones', { endpoints: [zones(...many(9))] }, ['endpoints[0].hints.forZones: Too many: 9: must have at most 8 items']],
    ['a node twice', { endpoints: [nodes('n', 'n')] }, ['endpoints[0].hints.forNodes[1].name: Duplicate value: "n"']],
    ['too many nodes', { endpoints: [nodes(...many(9))] }, ['endpoints[0].hints.forNodes: Too many: 9: must have at most 8 items']],
    ['ports of one name', { ports: [{ name: 'a' }, { name: 'b' }, { name: 'a' }] }, ['ports[2].name: Duplicate value: "a"']],
    ['ports without names', { ports: [{ port: 1 }, { port: 2 }] }, ['ports[1].name: Duplicate value: ""']],
    ['a port beyond all numbers', { ports: [{ port: 99999 }] }, []],
    [
      'a bad port',
      { ports: [{ name: 'a.b', protocol: 'HTTP', appProtocol: '/x' }] },
      [
        'ports[0].name: Invalid value: "a.b": must not contain dots',
        'ports[0].protocol: Unsupported value: "HTTP": supported values: "SCTP", "TCP", "UDP"',
        'ports[0].appProtocol: Invalid value: "/x": prefix part must be non-empty',
      ],
    ],
  ])('may have %s: %#', (_name, content, causes) => {
    expect(causesOf(create(content))).toEqual(causes)
  })

  it('takes 20,000 ports and no more, in linear time', () => {
    const ports = many(20_001).map((name) => ({ name }))
    const started = performance.now()
    expect(causesOf(create({ ports }))).toEqual(['ports: Too many: 20001: must have at most 20000 items'])
    expect(causesOf(create({ ports: ports.slice(1) }))).toEqual([])
    expect(performance.now() - started).toBeLessThan(2_000)
  })

  it('keeps its type', () => {
    create({})
    expect(causesOf(realm.change(slices, 'a', (object) => (object.addressType = 'IPv6')))).toEqual(['addressType: Invalid value: "IPv6": field is immutable'])
  })

  it('is a new generation when content or labels change, not when annotations do', () => {
    create({})
    const generations = [
      realm.change(slices, 'a', (object) => (object.endpoints = [address])),
      realm.change(slices, 'a', ({ metadata }) => (metadata.labels = { a: 'b' })),
      realm.change(slices, 'a', ({ metadata }) => (metadata.annotations = { a: 'b' })),
    ].map((object) => (object as Plain).metadata.generation)
    expect(generations).toEqual([2, 3, 3])
  })

  it('has no topology, and keeps the node that was read out of it', () => {
    const topology = { 'kubernetes.io/hostname': 'n' }
    const made = create({ endpoints: [{ ...address, deprecatedTopology: topology }] }) as Plain
    expect(made.endpoints).toEqual([{ ...address, conditions: {} }])
    const old = { ...sliceOf({ endpoints: [{ ...address, deprecatedTopology: topology }] }) } as never
    const draft: Plain = sliceOf({
      endpoints: [
        { addresses: ['192.0.2.2'], deprecatedTopology: topology },
        { addresses: ['192.0.2.3'], deprecatedTopology: { 'kubernetes.io/hostname': 'other' } },
      ],
    })
    endpointSlice.prepareForUpdate?.(draft as never, old, { now: 0, user: { name: '', groups: [] } as never })
    expect(draft.endpoints).toEqual([{ addresses: ['192.0.2.2'], nodeName: 'n' }, { addresses: ['192.0.2.3'] }])
  })

  it('warns of domains when it is made, and of addresses that are not canonical', () => {
    create({ addressType: 'FQDN', endpoints: [{ addresses: ['example.com'] }] })
    expect(realm.warnings).toEqual(['spec.addressType: FQDN endpoints are deprecated'])
    realm.change(slices, 'a', ({ metadata }) => (metadata.labels = { a: 'b' }))
    expect(realm.warnings).toEqual([])
    realm.create(slices, sliceOf({ metadata: { name: 'b' }, endpoints: [{ addresses: ['192.0.2.1', '192.0.02.2'] }] }))
    expect(realm.warnings).toEqual([
      'endpoints[0].addresses[1]: non-standard IP address "192.0.02.2" will be considered invalid in a future Kubernetes release: use "192.0.2.2"',
    ])
    realm.change(slices, 'b', ({ metadata }) => (metadata.labels = { 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' }))
    expect(realm.warnings).toEqual([])
  })
})
