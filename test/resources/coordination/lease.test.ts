import { beforeEach, describe, expect, it } from 'vitest'
import type { Plain } from '../../../src/machinery/index.js'
import { causesOf, openRealm, type TestRealm } from '../../support/realm.js'

const leases = 'coordination.k8s.io/v1/leases'
let realm: TestRealm
beforeEach(() => {
  realm = openRealm()
})

describe('a lease', () => {
  it.each<[Plain, string[]]>([
    [{ holderIdentity: '', leaseDurationSeconds: 1, leaseTransitions: 0 }, []],
    [{ leaseDurationSeconds: 0 }, ['spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0']],
    [{ leaseTransitions: -1 }, ['spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0']],
  ])('of %j', (spec, causes) => {
    expect(causesOf(realm.create(leases, { metadata: { name: 'a' }, spec }))).toEqual(causes)
    realm.create(leases, { metadata: { name: 'b' } })
    expect(causesOf(realm.change(leases, 'b', (object) => (object.spec = spec)))).toEqual(causes)
  })

  it('knows no strategy, which a gate holds back', () => {
    const made = realm.create(leases, { metadata: { name: 'a' }, spec: { strategy: 'OldestEmulationVersion', preferredHolder: 'x' } }) as Plain
    expect(made.spec).toEqual({})
  })

  it('takes a finalizer without a domain', () => {
    expect(causesOf(realm.create(leases, { metadata: { name: 'a', finalizers: ['mine'] } }))).toEqual([])
  })
})
