import { beforeEach, describe, expect, it } from 'vitest'
import type { Plain } from '../../../src/machinery/index.js'
import { causesOf, openRealm, type TestRealm } from '../../support/realm.js'

const resource = 'v1/endpoints'
let realm: TestRealm
beforeEach(() => {
  realm = openRealm()
})

const create = (subsets: Plain[], labels?: Plain) => realm.create(resource, { metadata: { name: 'a', labels }, subsets })
const labelWords =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const address = { ip: '192.0.2.1' }
const ports = [{ port: 80 }]
const badIP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'

describe('endpoints', () => {
  it('are stored as they are written, with the protocol of their ports', () => {
    const made = create([{ addresses: [{ ip: '192.0.2.2' }, address], ports }, { notReadyAddresses: [address] }]) as Plain
    expect(made.subsets).toEqual([{ addresses: [{ ip: '192.0.2.2' }, address], ports: [{ port: 80, protocol: 'TCP' }] }, { notReadyAddresses: [address] }])
  })

  it.each<[string, Plain, string[]]>([
    [
      'names of one port',
      {
        addresses: [address],
        ports: [
          { name: 'a', port: 1 },
          { name: 'a', port: 2 },
        ],
      },
      [],
    ],
    ['IPv6', { addresses: [{ ip: '2001:db8::1' }], ports }, []],
    ['nothing', { ports }, ['subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`']],
    [
      'a word for an address',
      { notReadyAddresses: [address, { ip: 'x' }] },
      [
        `subsets[0].notReadyAddresses[1].ip: Invalid value: "x": ${badIP}`,
        'subsets[0].notReadyAddresses[1].ip: Invalid value: "x": must be a valid IP address',
      ],
    ],
    ['the unspecified address', { addresses: [{ ip: '::' }] }, ['subsets[0].addresses[0].ip: Invalid value: "::": may not be unspecified (::)']],
    ['loopback', { addresses: [{ ip: '::1' }] }, ['subsets[0].addresses[0].ip: Invalid value: "::1": may not be in the loopback range (127.0.0.0/8, ::1/128)']],
    [
      'link-local',
      { addresses: [{ ip: '169.254.1.1' }] },
      ['subsets[0].addresses[0].ip: Invalid value: "169.254.1.1": may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
    ],
    [
      'a bad host and node',
      { addresses: [{ ...address, hostname: 'A', nodeName: '' }] },
      [
        `subsets[0].addresses[0].hostname: Invalid value: "A": ${labelWords}`,
        "subsets[0].addresses[0].nodeName: Invalid value: \"\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      ],
    ],
    [
      'two ports without names',
      { addresses: [address], ports: [{ port: 1 }, { port: 2 }] },
      ['subsets[0].ports[0].name: Required value', 'subsets[0].ports[1].name: Required value'],
    ],
    [
      'a bad port',
      { addresses: [address], ports: [{ port: 0, name: 'A', protocol: 'HTTP', appProtocol: 'a/b/c' }] },
      [
        `subsets[0].ports[0].name: Invalid value: "A": ${labelWords}`,
        'subsets[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
        'subsets[0].ports[0].protocol: Unsupported value: "HTTP": supported values: "SCTP", "TCP", "UDP"',
        "subsets[0].ports[0].appProtocol: Invalid value: \"a/b/c\": a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
      ],
    ],
  ])('may have %s: %#', (_name, subset, causes) => {
    expect(causesOf(create([subset]))).toEqual(causes)
  })

  it('warn of addresses that are not canonical, unless the controller writes them', () => {
    const subsets = [{ addresses: [{ ip: '010.0.0.1' }], notReadyAddresses: [{ ip: '2001:DB8::1' }] }]
    const own = [
      'subsets[0].addresses[0].ip: non-standard IP address "010.0.0.1" will be considered invalid in a future Kubernetes release: use "10.0.0.1"',
      'subsets[0].notReadyAddresses[0].ip: IPv6 address "2001:DB8::1" should be in RFC 5952 canonical format ("2001:db8::1")',
    ]
    create(subsets)
    expect(realm.warnings).toEqual(expect.arrayContaining(own))
    realm.change(resource, 'a', ({ metadata }) => (metadata.labels = { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' }))
    expect(realm.warnings).not.toEqual(expect.arrayContaining(own))
  })
})
