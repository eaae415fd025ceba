import { beforeEach, describe, expect, it } from 'vitest'
import type { DeleteOptions, Plain } from '../../../src/machinery/index.js'
import { causesOf, openRealm, refusalOf, type TestRealm } from '../../support/realm.js'

const namespaces = 'v1/namespaces'
let realm: TestRealm
beforeEach(() => {
  realm = openRealm()
})

describe('a new namespace', () => {
  it('is active, kept by its content and labelled with its name', () => {
    const sent = { metadata: { name: 'a' }, status: { phase: 'Terminating' }, spec: { finalizers: ['example.com/hold'] } }
    const made = realm.create(namespaces, sent) as Plain
    expect(made.metadata.labels).toEqual({ 'kubernetes.io/metadata.name': 'a' })
    expect([made.spec, made.status]).toEqual([{ finalizers: ['example.com/hold', 'kubernetes'] }, { phase: 'Active' }])
  })

  it('is labelled with a generated name as well', () => {
    const { metadata } = realm.create(namespaces, { metadata: { generateName: 'a-' } }) as Plain
    expect(metadata.labels).toEqual({ 'kubernetes.io/metadata.name': metadata.name })
  })

  it.each([
    [{ metadata: { name: 'a.b' } }, ['metadata.name: Invalid value: "a.b": must not contain dots']],
    [
      { metadata: { name: 'a' }, spec: { finalizers: ['mine'] } },
      ['spec.finalizers: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified'],
    ],
  ])('%j is refused', (sent, causes) => {
    expect(causesOf(realm.create(namespaces, sent))).toEqual(causes)
  })
})

describe('a namespace', () => {
  beforeEach(() => {
    realm.create(namespaces, { metadata: { name: 'a' } })
  })

  it('keeps its finalizers and its label when it is updated', () => {
    const changed = realm.change(namespaces, 'a', (object) => {
      object.spec = {}
      object.metadata.labels = { team: 'x' }
      object.status = { phase: 'Terminating' }
    }) as Plain
    expect(changed.spec).toEqual({ finalizers: ['kubernetes'] })
    expect(changed.status).toEqual({ phase: 'Active' })
    expect(changed.metadata.labels).toEqual({ 'kubernetes.io/metadata.name': 'a', team: 'x' })
  })

  it('may have only the phase that fits', () => {
    const terminate = (object: Plain) => (object.status.phase = 'Terminating')
    expect(causesOf(realm.change(namespaces, 'a', terminate, 'status'))).toEqual([
      'status.Phase: Invalid value: "Terminating": may only be \'Active\' if `deletionTimestamp` is empty',
    ])
    realm.remove(namespaces, 'a')
    expect(causesOf(realm.change(namespaces, 'a', (object) => (object.status.phase = 'Active'), 'status'))).toEqual([
      'status.Phase: Invalid value: "Active": may only be \'Terminating\' if `deletionTimestamp` is not empty',
    ])
  })

  it('terminates when it is deleted, and stays as it is when it is deleted again', () => {
    const first = realm.remove(namespaces, 'a') as Plain
    expect(first.status).toEqual({ phase: 'Terminating' })
    expect(first.metadata.deletionTimestamp).toBeDefined()
    expect(first.metadata.deletionGracePeriodSeconds).toBeUndefined()
    expect(realm.remove(namespaces, 'a', { propagationPolicy: 'Foreground' })).toEqual(first)
  })

  it('goes when its last finalizer is taken away through finalize', () => {
    realm.remove(namespaces, 'a')
    const gone = realm.change(namespaces, 'a', (object) => (object.spec.finalizers = []), 'finalize') as Plain
    expect(gone.spec).toEqual({})
    expect(refusalOf(realm.remove(namespaces, 'a'))).toBe('namespaces "a" not found')
  })

  it('stays without finalizers while nobody deletes it, and is marked first when somebody does', () => {
    realm.change(namespaces, 'a', (object) => (object.spec.finalizers = []), 'finalize')
    expect((realm.remove(namespaces, 'a') as Plain).status).toEqual({ phase: 'Terminating' })
    realm.remove(namespaces, 'a')
    expect(refusalOf(realm.remove(namespaces, 'a'))).toBe('namespaces "a" not found')
  })

  it('takes only qualified finalizers through finalize, and no status', () => {
    const changed = realm.change(namespaces, 'a', (object) => (object.status.phase = 'Terminating'), 'finalize') as Plain
    expect(changed.status).toEqual({ phase: 'Active' })
    expect(causesOf(realm.change(namespaces, 'a', (object) => (object.spec.finalizers = ['kubernetes', 'mine']), 'finalize'))).toEqual([
      'spec.finalizers[1]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
    ])
  })

  it.each<[DeleteOptions['preconditions'], string]>([
    [{ uid: 'other' }, 'UID in precondition: other, UID in object meta: '],
    [{ resourceVersion: '1' }, 'ResourceVersion in precondition: 1, ResourceVersion in object meta: '],
  ])('is not deleted when %j does not hold', (preconditions, text) => {
    const refusal = refusalOf(realm.remove(namespaces, 'a', { preconditions }))
    expect(refusal).toContain(`Operation cannot be fulfilled on namespaces "a": Precondition failed: ${text}`)
  })

  it.each(['default', 'kube-system', 'kube-public'])('called %s may not be deleted', (name) => {
    realm.create(namespaces, { metadata: { name } })
    expect(refusalOf(realm.remove(namespaces, name))).toBe(`namespaces "${name}" is forbidden: this namespace may not be deleted`)
  })
})
