import { expect, it } from 'vitest'
import type { Plain } from '../../src/machinery/index.js'
import { openRealm } from '../support/realm.js'

it('a dry run of a deletion shows what would keep the object, at the version it has', () => {
  const realm = openRealm()
  const made = realm.create('v1/configmaps', { metadata: { name: 'a', finalizers: ['example.com/a'] } }) as Plain
  const { resourceVersion } = made.metadata
  expect(realm.remove('v1/configmaps', 'a', { dryRun: ['All'] })).toMatchObject({
    metadata: { resourceVersion, finalizers: ['example.com/a'], deletionTimestamp: '2026-11-22T11:05:39Z' },
  })
  expect(realm.realm.store.get('v1/configmaps', { namespace: 'samples', name: 'a' })?.object).toEqual(made)
})
