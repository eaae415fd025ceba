import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isJSONLongerThan, roughJSONGrowth, roughJSONLength } from '../../src/machinery/index.js'

describe('the size of JSON', () => {
  it.each([
    ['text', 'x'.repeat(100), 99, true],
    ['text that fits', 'x'.repeat(90), 100, false],
    ['keys', { ['x'.repeat(100)]: 1 }, 100, true],
    ['many small values', { list: Array.from({ length: 100 }, () => ({})) }, 290, true],
    ['nothing much', { a: [1, null, true, { b: 'c' }] }, 100, false],
  ])('is judged without making it: %s', (_what, value, max, isLonger) => {
    expect(isJSONLongerThan(value, max)).toBe(isLonger)
  })

  it('costs no more than its limit', () => {
    let looked = 0
    const list = Array.from({ length: 100_000 }, () => Object.defineProperty({}, 'value', { enumerable: true, get: () => looked++ }))
    expect(isJSONLongerThan(list, 1000)).toBe(true)
    expect(looked).toBeLessThan(200)
  })

  it('of a change is what the whole would be judged to have', () => {
    const value = fc.letrec((tie) => ({
      value: fc.oneof({ depthSize: 'small' }, fc.constantFrom(null, true, 0, '', 'a', 'bcd'), tie('list'), tie('object')),
      list: fc.array(tie('value'), { maxLength: 3 }),
      object: fc.dictionary(fc.constantFrom('a', 'bc', 'd'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
    })).value
    fc.assert(
      fc.property(value, value, value, (common, one, other) => {
        const [before, after] = [
          { common, one, both: [one, common] },
          { common, one: other, both: [other] },
        ]
        expect(roughJSONLength(before) + roughJSONGrowth(before, after)).toBe(roughJSONLength(after))
        expect(roughJSONLength(one) + roughJSONGrowth(one, other)).toBe(roughJSONLength(other))
      }),
    )
  })
})
