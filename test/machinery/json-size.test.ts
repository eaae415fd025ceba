import { describe, expect, it } from 'vitest'
import { isJSONLongerThan } from '../../src/machinery/index.js'

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
})
