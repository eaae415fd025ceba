import { beforeEach, describe, expect, it } from 'vitest'
import type { Plain } from '../../../src/machinery/index.js'
import { causesOf, openRealm, type TestRealm } from '../../support/realm.js'

const nodes = 'v1/nodes'
let realm: TestRealm
beforeEach(() => {
  realm = openRealm()
})

const nodeOf = (spec: Plain = {}, status: Plain = {}) => ({ metadata: { name: 'a' }, spec, status })
const effects = 'supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"'
const taint = { key: 'k', effect: 'NoSchedule' }

describe('a new node', () => {
  it('comes with its status', () => {
    const made = realm.create(nodes, nodeOf({}, { capacity: { cpu: '4' }, addresses: [{ type: 'Hostname', address: 'a' }] })) as Plain
    expect(made.status).toMatchObject({ capacity: { cpu: '4' }, allocatable: { cpu: '4' }, addresses: [{ type: 'Hostname', address: 'a' }] })
  })

  it.each<[string, Plain, Plain]>([
    ['the older field alone', { podCIDR: '10.0.0.0/24' }, { podCIDR: '10.0.0.0/24', podCIDRs: ['10.0.0.0/24'] }],
    ['the newer field alone', { podCIDRs: ['10.0.0.0/24', 'fd00::/64'] }, { podCIDR: '10.0.0.0/24', podCIDRs: ['10.0.0.0/24', 'fd00::/64'] }],
    ['both, where they differ', { podCIDR: '10.0.0.0/24', podCIDRs: ['10.0.1.0/24'] }, { podCIDR: '10.0.0.0/24', podCIDRs: ['10.0.0.0/24'] }],
  ])('has its networks in both fields: %s', (_name, spec, expected) => {
    const { podCIDR, podCIDRs } = (realm.create(nodes, nodeOf(spec)) as Plain).spec
    expect({ podCIDR, podCIDRs }).toEqual(expected)
  })

  it('drops what is configured in a way that is gone', () => {
    const source = { configMap: { namespace: 'a', name: 'b', kubeletConfigKey: 'c' } }
    const made = realm.create(nodes, nodeOf({ configSource: source }, { config: { assigned: source } })) as Plain
    expect([made.spec.configSource, made.status.config]).toEqual([undefined, undefined])
  })

  it.each<[string, Plain, Plain, string[]]>([
    ['an unknown effect', { taints: [{ key: 'k', effect: 'Explode' }] }, {}, [`metadata.taints[0].effect: Unsupported value: "Explode": ${effects}`]],
    ['no effect', { taints: [{ key: 'k', effect: '' }] }, {}, ['metadata.taints[0].effect: Required value']],
    ['no key', { taints: [{ key: '/k', effect: 'NoSchedule' }] }, {}, ['metadata.taints[0].key: Invalid value: "/k": prefix part must be non-empty']],
    [
      'a long value',
      { taints: [{ ...taint, value: 'v'.repeat(64) }] },
      {},
      [`metadata.taints[0].value: Invalid value: "${'v'.repeat(64)}": must be no more than 63 bytes`],
    ],
    [
      'a taint twice',
      { taints: [taint, { ...taint, effect: 'NoExecute' }, { ...taint, value: 'x' }] },
      {},
      ['metadata.taints[2]: Duplicate value: {"Key":"k","Value":"x","Effect":"NoSchedule","TimeAdded":null}: taints must be unique by key and effect pair'],
    ],
    [
      'less than nothing',
      {},
      { capacity: { cpu: '-1' } },
      [
        'status.capacity.cpu: Invalid value: "-1": must be greater than or equal to 0',
        'status.allocatable.cpu: Invalid value: "-1": must be greater than or equal to 0',
      ],
    ],
    ['a part of a pod', {}, { capacity: { pods: '1' }, allocatable: { pods: '500m' } }, ['status.allocatable.pods: Invalid value: "500m": must be an integer']],
    [
      'no network',
      { podCIDRs: ['10.0.0.0'] },
      {},
      ['spec.podCIDRs[0]: Invalid value: "10.0.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'],
    ],
    [
      'two networks of a family',
      { podCIDRs: ['10.0.0.0/24', '10.0.1.0/24'] },
      {},
      ['spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.1.0/24"]: may specify no more than one CIDR for each IP family'],
    ],
  ])('with %s is refused', (_name, spec, status, causes) => {
    expect(causesOf(realm.create(nodes, nodeOf(spec, status)))).toEqual(causes)
  })

  it.each<[Plain, string[]]>([
    [{ externalID: 'x' }, ['spec.externalID: this field is deprecated, and is unused by Kubernetes']],
    [{ podCIDR: '10.0.0.1/24' }, ['spec.podCIDRs[0]: CIDR value "10.0.0.1/24" is ambiguous in this context (should be "10.0.0.0/24" or "10.0.0.1/32"?)']],
  ])('with %j brings a warning', (spec, warnings) => {
    realm.create(nodes, nodeOf(spec))
    expect(realm.warnings).toEqual(warnings)
  })
})

describe('a node', () => {
  const cidr = 'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid'
  const provider = 'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid'

  it.each<[string, Plain, Plain, string[]]>([
    ['a first network', {}, { podCIDR: '10.0.0.0/24' }, []],
    ['another network', { podCIDR: '10.0.0.0/24' }, { podCIDR: '10.0.1.0/24', podCIDRs: undefined }, [cidr]],
    ['one more network', { podCIDR: '10.0.0.0/24' }, { podCIDRs: ['10.0.0.0/24', 'fd00::/64'] }, [cidr]],
    ['no network any more', { podCIDR: '10.0.0.0/24' }, { podCIDR: undefined, podCIDRs: undefined }, [cidr]],
    ['a first provider', {}, { providerID: 'a://1' }, []],
    ['another provider', { providerID: 'a://1' }, { providerID: 'a://2' }, [provider]],
    ['another external id', { externalID: 'a' }, { externalID: 'b' }, ['spec.externalID: Forbidden: may not be updated']],
    ['no pods', {}, { unschedulable: true, taints: [taint] }, []],
  ])('is given %s', (_name, before, change, causes) => {
    realm.create(nodes, nodeOf(before))
    expect(causesOf(realm.change(nodes, 'a', ({ spec }) => Object.assign(spec, change)))).toEqual(causes)
  })

  it('is checked as a whole and as a change, so that a bad taint is bad twice', () => {
    realm.create(nodes, nodeOf())
    const bad = `metadata.taints[0].effect: Unsupported value: "Explode": ${effects}`
    expect(causesOf(realm.change(nodes, 'a', ({ spec }) => (spec.taints = [{ key: 'k', effect: 'Explode' }])))).toEqual([bad, bad])
  })

  it('keeps its spec when its status is written, and its status when its spec is', () => {
    realm.create(nodes, nodeOf({ providerID: 'a://1' }, { phase: 'Running' }))
    const edit = (object: Plain) => {
      object.spec.providerID = 'a://2'
      object.status.phase = 'Pending'
    }
    const status = realm.change(nodes, 'a', edit, 'status') as Plain
    expect([status.spec.providerID, status.status.phase]).toEqual(['a://1', 'Pending'])
    const main = realm.change(nodes, 'a', (object) => {
      object.spec.unschedulable = true
      object.status.phase = 'Terminated'
    }) as Plain
    expect([main.spec.unschedulable, main.status.phase]).toEqual([true, 'Pending'])
  })

  it('has each address once', () => {
    realm.create(nodes, nodeOf())
    const address = { type: 'InternalIP', address: '10.0.0.1' }
    const causes = causesOf(realm.change(nodes, 'a', ({ status }) => (status.addresses = [address, { ...address, type: 'ExternalIP' }, address]), 'status'))
    expect(causes).toEqual(['status.addresses[2]: Duplicate value: {"Type":"InternalIP","Address":"10.0.0.1"}'])
  })
})
