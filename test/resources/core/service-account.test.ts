import { beforeEach, describe, expect, it } from 'vitest'
import type { Plain } from '../../../src/machinery/index.js'
import { causesOf, openRealm, type TestRealm } from '../../support/realm.js'

const accounts = 'v1/serviceaccounts'
let realm: TestRealm
beforeEach(() => {
  realm = openRealm()
})

describe('a service account', () => {
  it('knows secrets by their names alone', () => {
    const secrets = [{ name: 'a', namespace: 'elsewhere', kind: 'Secret' }]
    expect((realm.create(accounts, { metadata: { name: 'robot' }, secrets }) as Plain).secrets).toEqual([{ name: 'a' }])
    const changed = realm.change(accounts, 'robot', (object) => (object.secrets = [...secrets, { name: 'b', uid: '1' }])) as Plain
    expect(changed.secrets).toEqual([{ name: 'a' }, { name: 'b' }])
  })

  it('warns once of an annotation whose days are over', () => {
    const annotations = { 'kubernetes.io/enforce-mountable-secrets': 'true' }
    realm.create(accounts, { metadata: { name: 'robot' } })
    expect(realm.warnings).toEqual([])
    realm.change(accounts, 'robot', ({ metadata }) => (metadata.annotations = annotations))
    expect(realm.warnings).toEqual([
      'metadata.annotations[kubernetes.io/enforce-mountable-secrets]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets',
    ])
    realm.change(accounts, 'robot', ({ metadata }) => (metadata.labels = { a: 'b' }))
    expect(realm.warnings).toEqual([])
  })

  it('tells of a bad label four times on update, once on create', () => {
    const bad = { 'a b': 'c' }
    expect(causesOf(realm.create(accounts, { metadata: { name: 'robot', labels: bad } }))).toHaveLength(1)
    expect(causesOf(realm.change(accounts, 'default', ({ metadata }) => (metadata.labels = bad)))).toHaveLength(4)
  })
})
