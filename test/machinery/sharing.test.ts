// Objects that have parts in common share them, and nobody can tell.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { deepFreeze, sharingEqualParts } from '../../src/machinery/index.js'

const value = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, fc.constantFrom(null, true, 0, 1, '', 'a', 'b'), tie('list'), tie('object')),
  list: fc.array(tie('value'), { maxLength: 3 }),
  object: fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
})).value

it('what is made of the parts of another object is the same object', () => {
  fc.assert(
    fc.property(value, value, (before, after) => {
      deepFreeze(before)
      deepFreeze(after)
      expect(JSON.stringify(sharingEqualParts(before, after))).toBe(JSON.stringify(after))
    }),
    { numRuns: 3000 },
  )
})

it('equal parts are the very same, at any depth, and nothing else is', () => {
  const before = { labels: { app: 'a' }, spec: { name: 'x', containers: [{ image: 'i', ports: [{ port: 1 }] }, { image: 'j' }] } }
  const after = structuredClone(before)
  expect(sharingEqualParts(before, structuredClone(before))).toBe(before)
  after.spec.containers[1].image = 'k'
  const shared = sharingEqualParts(before, after)
  expect(shared.labels).toBe(before.labels)
  expect(shared.spec.containers[0]).toBe(before.spec.containers[0])
  expect(shared.spec.containers[1]).toBe(after.spec.containers[1])
})

it('parts that are printed in another order are not shared', () => {
  const after = { raw: { b: 1, a: 1 } }
  expect(sharingEqualParts({ raw: { a: 1, b: 1 } }, after)).toBe(after)
})
