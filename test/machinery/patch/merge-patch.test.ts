import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyJSONPatch, applyMergePatch, deepEqual, deepFreeze, isObject, type Plain } from '../../../src/machinery/index.js'

describe('a merge patch', () => {
  // The table of RFC 7386, appendix A, without those whose target is no object.
  it.each<[unknown, unknown, unknown]>([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{ a: 'foo' }, { a: { b: { c: null } } }, { a: { b: {} } }],
    [['a', 'b'], { a: 1 }, { a: 1 }],
  ])('%j with %j is %j', (document, patch, expected) => {
    expect(applyMergePatch(deepFreeze(document), deepFreeze(patch))).toEqual(expected)
  })

  it('shares what it does not touch', () => {
    const document = { a: { b: 1 }, c: { d: 1 } }
    expect((applyMergePatch(document, { a: { b: 2 } }) as Plain).c).toBe(document.c)
  })

  it('knows no key that is more than a key', () => {
    const patched = applyMergePatch({}, JSON.parse('{"__proto__":{"polluted":true},"constructor":{"name":"x"}}')) as Plain
    expect(Object.keys(patched)).toEqual(['__proto__', 'constructor'])
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })
})

// Values that a merge patch can say: it has no word for null.
const { value } = fc.letrec<{ value: unknown; object: Plain }>((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, fc.string(), fc.integer(), fc.boolean(), fc.array(fc.integer(), { maxLength: 3 }), tie('object')),
  object: fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__', 'x/y', 'm~n'), tie('value'), { maxKeys: 4 }),
}))
const object = fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__', 'x/y', 'm~n'), value, { maxKeys: 4 })

describe('the difference of two documents leads from one to the other', () => {
  it('as a merge patch', () => {
    fc.assert(fc.property(object, object, (one, other) => deepEqual(applyMergePatch(deepFreeze(one), mergeDifference(one, other)), other)))
  })

  it('as a JSON patch', () => {
    fc.assert(
      fc.property(object, object, (one, other) => {
        const result = applyJSONPatch(deepFreeze(one), operationsBetween(one, other, '')) as { value: unknown }
        expect(deepEqual(result.value, other)).toBe(true)
      }),
    )
  })
})

function mergeDifference(one: Plain, other: Plain): Plain {
  const gone = Object.keys(one).filter((key) => !Object.hasOwn(other, key))
  const changed = Object.keys(other).map((key): [string, unknown] => {
    const both = Object.hasOwn(one, key) && isObject(one[key]) && isObject(other[key])
    return [key, both ? mergeDifference(one[key], other[key]) : other[key]]
  })
  return Object.fromEntries([...gone.map((key): [string, unknown] => [key, null]), ...changed])
}

function operationsBetween(one: Plain, other: Plain, path: string): object[] {
  const at = (key: string) => `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
  const gone = Object.keys(one).filter((key) => !Object.hasOwn(other, key))
  return [
    ...gone.map((key) => ({ op: 'remove', path: at(key) })),
    ...Object.keys(other).flatMap((key) => {
      const both = Object.hasOwn(one, key) && isObject(one[key]) && isObject(other[key])
      return both ? operationsBetween(one[key], other[key], at(key)) : [{ op: 'add', path: at(key), value: other[key] }]
    }),
  ]
}
