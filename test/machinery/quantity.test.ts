import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addQuantities, canonicalQuantity, compareQuantities, parseQuantity, roundUpToMilli, subtractQuantities } from '../../src/machinery/index.js'

describe('a quantity', () => {
  it.each([
    ['0.5', '500m'],
    ['.5', '500m'],
    ['1000m', '1'],
    ['1500m', '1500m'],
    ['0', '0'],
    ['0.1', '100m'],
    ['1e+21', '1e+21'],
    ['5000', '5k'],
    ['1000k', '1M'],
    ['1500k', '1500k'],
    ['1024', '1024'],
    ['12345678', '12345678'],
    ['1000000u', '1'],
    ['1024Mi', '1Gi'],
    ['-155062.5Ki', '-158784k'],
    ['1000Ki', '1000Ki'],
    ['1.5Gi', '1536Mi'],
    ['0.5Gi', '512Mi'],
    ['3.1Mi', '3250585600m'],
    ['1048576Ki', '1Gi'],
    ['1e3', '1e3'],
    ['12e6', '12e6'],
    ['0.1e3', '100'],
    ['+5', '+5'],
    ['00012', '00012'],
    ['1.', '1.'],
    ['0.001', '1m'],
    ['1.500', '1.500'],
    [' 1Gi ', '1Gi'],
    ['-1500m', '-1500m'],
    ['1n', '1n'],
    ['0.1n', '1n'],
    ['4.8828125Ki', '5k'],
    ['9Ei', '9223372036854775807'],
  ])('%s is printed as %s', (text, canonical) => {
    expect(canonicalQuantity(text)).toBe(canonical)
  })

  it.each(['', 'x', '1x', '1.2.3', '--1', '1ki', '1e', 'Gi', '+', '.', '1 Gi'])('%j is none', (text) => {
    expect(canonicalQuantity(text)).toBeUndefined()
  })

  it.each([
    ['1n', '1m'],
    ['100u', '1m'],
    ['1000500u', '1001m'],
    ['1Gi', '1Gi'],
    ['250m', '250m'],
    ['12', '12'],
  ])('%s in a resource list becomes %s', (text, rounded) => {
    expect(roundUpToMilli(text)).toBe(rounded)
  })

  it.each([
    ['1Gi', '1G', 1],
    ['1000m', '1', 0],
    ['0.5', '1', -1],
    ['1e3', '1k', 0],
  ])('%s against %s compares as %i', (one, other, order) => {
    expect(Math.sign(compareQuantities(one, other))).toBe(order)
  })

  it('adds and subtracts in the unit family of its first part', () => {
    expect(addQuantities('1Gi', '512Mi')).toBe('1536Mi')
    expect(addQuantities('250m', '0.75')).toBe('1')
    expect(subtractQuantities('1', '250m')).toBe('750m')
    expect(subtractQuantities('2Gi', '2Gi')).toBe('0')
  })

  it('keeps its value when it is printed', () => {
    const text = fc.tuple(fc.integer({ min: -1_000_000, max: 1_000_000 }), fc.nat({ max: 9999 }), fc.constantFrom('', 'm', 'k', 'M', 'Ki', 'Mi', 'e3', 'E-2'))
    fc.assert(
      fc.property(text, ([whole, fraction, suffix]) => {
        const written = `${whole}.${fraction}${suffix}`
        const canonical = canonicalQuantity(written) as string
        expect(parseQuantity(canonical)?.nanos).toBe(parseQuantity(written)?.nanos)
        expect(canonicalQuantity(canonical)).toBe(canonical)
      }),
      { numRuns: 5000 },
    )
  })
})
