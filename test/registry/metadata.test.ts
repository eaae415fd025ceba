import { beforeEach, describe, expect, it } from 'vitest'
import type { Plain } from '../../src/machinery/index.js'
import { causesOf, openRealm, type TestRealm } from '../support/realm.js'

let realm: TestRealm
beforeEach(() => {
  realm = openRealm()
})

describe('owner references', () => {
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'a', uid: '1' }
  const warning =
    '.metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: '

  it('that say the same again are dropped with a warning, those that differ are kept', () => {
    const other = { ...owner, blockOwnerDeletion: true }
    const made = realm.create('v1/configmaps', { metadata: { name: 'b', ownerReferences: [owner, owner, other, owner] } }) as Plain
    expect(made.metadata.ownerReferences).toEqual([owner, other])
    expect(realm.warnings).toEqual([`${warning}1, 1`])
    realm.change('v1/configmaps', 'b', ({ metadata }) => metadata.ownerReferences.push(owner))
    expect(realm.warnings).toEqual([`${warning}1`])
    realm.change('v1/configmaps', 'b', (object) => (object.data = { a: '1' }))
    expect(realm.warnings).toEqual([])
  })
})

describe('a name', () => {
  it.each<[string, Plain, string[]]>([
    ['policy/v1/poddisruptionbudgets', { metadata: { name: 'A_b', finalizers: ['mine'] } }, []],
    ['policy/v1/poddisruptionbudgets', { metadata: { name: 'a%b' } }, ['metadata.name: Invalid value: "a%b": may not contain \'%\'']],
    ['rbac.authorization.k8s.io/v1/roles', { metadata: { name: 'system:x' } }, []],
    ['admissionregistration.k8s.io/v1/mutatingwebhookconfigurations', { metadata: { name: 'a', finalizers: ['mine'] } }, []],
    [
      'v1/configmaps',
      { metadata: { name: 'a', finalizers: ['mine'] } },
      ['metadata.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified'],
    ],
  ])('or finalizer follows the rule of %s: %#', (resource, object, causes) => {
    expect(causesOf(realm.create(resource, object))).toEqual(causes)
  })

  it('of a stateful set is a label, because its pods have it', () => {
    const causes = causesOf(realm.create('apps/v1/statefulsets', { metadata: { name: 'a.b' }, spec: {} }))
    expect(causes).toContain('metadata.name: Invalid value: "a.b": must not contain dots')
  })
})
