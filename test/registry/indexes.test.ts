// Objects found by what they say.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defineIndex, type KubeObject, knownChanges } from '../../src/machinery/index.js'
import { snapshotOf } from '../../src/registry/index.js'
import { configMap } from '../../src/resources/index.js'
import { openRealm } from '../support/realm.js'

const byLabel = () =>
  defineIndex<KubeObject>({ definition: configMap, values: ({ metadata }) => Object.entries(metadata.labels ?? {}).map(([key, value]) => `${key}=${value}`) })

const sketch = (name: string, labels: Record<string, string>, data = 'x') => ({ metadata: { name, labels }, data: { data } })

describe('an index', () => {
  it('has under a value what a search through all objects finds, in order of names, whenever it was built', () => {
    const labels = fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('1', '2'))
    const step = fc.record({ name: fc.constantFrom('m-1', 'm-2', 'm-10', 'm-3'), labels, isGone: fc.boolean(), data: fc.constantFrom('x', 'y') })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), fc.nat(20), (steps, builtAt) => {
        const verbs = openRealm()
        const [early, index] = [byLabel(), byLabel()]
        snapshotOf(verbs.realm).find(early, 'a=1')
        steps.forEach(({ name, labels: wanted, isGone, data }, number) => {
          if (number === builtAt) snapshotOf(verbs.realm).find(index, 'a=1')
          if (isGone) verbs.remove('v1/configmaps', name)
          else if ('code' in verbs.create('v1/configmaps', sketch(name, wanted, data)))
            verbs.change('v1/configmaps', name, (object) => Object.assign(object, { data: { data } }, { metadata: { ...object.metadata, labels: wanted } }))
        })
        const snapshot = snapshotOf(verbs.realm)
        for (const value of ['a=1', 'a=2', 'b=1', 'b=2']) {
          const searched = snapshot.list(configMap).filter((object) => index.values(object).includes(value))
          expect(snapshot.find(index, value)).toEqual(searched)
          expect(snapshot.find(early, value)).toEqual(searched)
        }
      }),
      { numRuns: 60 },
    )
  })

  it.each([3, 40])('finds what has come, gone and changed since it was last asked: %i objects at once', (count) => {
    const verbs = openRealm()
    const index = byLabel()
    const names = Array.from({ length: count * 3 }, (_, number) => `m-${number}`)
    const [going, changing, coming] = [names.slice(0, count), names.slice(count, count * 2), names.slice(count * 2)]
    for (const name of [...going, ...changing]) verbs.create('v1/configmaps', sketch(name, { a: '1' }))
    expect(snapshotOf(verbs.realm).find(index, 'a=1')).toHaveLength(count * 2)
    for (const name of going) verbs.remove('v1/configmaps', name)
    for (const name of changing) verbs.change('v1/configmaps', name, (object) => Object.assign(object.data, { data: 'y' }))
    for (const name of coming) verbs.create('v1/configmaps', sketch(name, { a: '1' }))
    const snapshot = snapshotOf(verbs.realm)
    expect(snapshot.find(index, 'a=1')).toEqual(snapshot.list(configMap).filter((object) => index.values(object).includes('a=1')))
  })

  it('knows what has changed since a list of not long ago', () => {
    const step = fc.record({ name: fc.constantFrom('a', 'b', 'c'), value: fc.constantFrom('1', '2'), isGone: fc.boolean(), isListed: fc.boolean() })
    const byName = (list: readonly KubeObject[]) => new Map(list.map((object) => [object.metadata.name, object]))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const verbs = openRealm()
        const index = byLabel()
        const find = () => snapshotOf(verbs.realm).find(index, 'a=1')
        const lists = [find()]
        for (const { name, value, isGone, isListed } of steps) {
          if (isGone) verbs.remove('v1/configmaps', name)
          else if ('code' in verbs.create('v1/configmaps', sketch(name, { a: value })))
            verbs.change('v1/configmaps', name, (object) => Object.assign(object, { metadata: { ...object.metadata, labels: { a: value } } }))
          if (isListed) lists.push(find())
        }
        const last = find()
        for (const list of lists) {
          const told = knownChanges(list, last)
          if (!told) continue
          const [before, after] = [byName(list), byName(last)]
          const names = [...new Set([...before.keys(), ...after.keys()])].filter((name) => before.get(name) !== after.get(name)).sort()
          expect(told.map(({ old, object }) => (object ?? old)?.metadata.name).sort()).toEqual(names)
          for (const { old, object } of told) {
            const name = (object ?? old)?.metadata.name
            expect([old, object]).toEqual([before.get(name), after.get(name)])
          }
        }
      }),
      { numRuns: 200 },
    )
  })

  it('is told of few changes without a comparison, and not of many', () => {
    const verbs = openRealm()
    const index = byLabel()
    const find = () => snapshotOf(verbs.realm).find(index, 'a=1')
    verbs.create('v1/configmaps', sketch('one', { a: '1' }))
    const [first, many] = [find(), Array.from({ length: 100 }, (_, number) => `many-${number}`)]
    verbs.create('v1/configmaps', sketch('two', { a: '1' }))
    const second = find()
    expect(knownChanges(first, second)?.map(({ object }) => object?.metadata.name)).toEqual(['two'])
    for (const name of many) verbs.create('v1/configmaps', sketch(name, { a: '1' }))
    expect(knownChanges(second, find())).toBeUndefined()
  })

  it('gives the very same list until something in it changes', () => {
    const verbs = openRealm()
    const index = byLabel()
    const found = () => snapshotOf(verbs.realm).find(index, 'a=1')
    verbs.create('v1/configmaps', sketch('one', { a: '1' }))
    const before = found()
    verbs.create('v1/configmaps', sketch('two', { a: '2' }))
    expect(found()).toBe(before)
    verbs.change('v1/configmaps', 'one', (object) => Object.assign(object.data, { data: 'y' }))
    expect(found()).not.toBe(before)
    expect(before[0]).toMatchObject({ data: { data: 'x' } })
    expect(found()[0]).toMatchObject({ data: { data: 'y' } })
  })
})
