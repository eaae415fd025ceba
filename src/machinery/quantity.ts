// Quantity: a number with a unit, `500m`, `1Gi`, `12e6`, exact and in one canonical spelling.
// Upstream: apimachinery/pkg/api/resource/quantity.go
import { remembered } from './remembered.js'

const form = /^([+-]?)(\d*)(?:\.(\d*))?(?:([eE][-+]?\d+)|([numkMGTPE]|[KMGTPE]i)?)$/
const decimalExponents: Record<string, number> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }
const decimalSuffixes = Object.fromEntries(Object.entries(decimalExponents).map(([suffix, exponent]) => [exponent, suffix]))
const binaryPowers: Record<string, bigint> = { Ki: 10n, Mi: 20n, Gi: 30n, Ti: 40n, Pi: 50n, Ei: 60n }
const nano = 1_000_000_000n
const largest = 9_223_372_036_854_775_807n

/** An exact amount, in billionths, and the family of its unit. */
export interface Quantity {
  nanos: bigint
  format: 'decimal' | 'exponent' | 'binary'
}

// Long digits serve nobody and cost quadratic time.
const lengthMax = 100

/** @returns nothing when the text is no quantity */
export const parseQuantity: (text: string) => Quantity | undefined = remembered(readQuantity)

function readQuantity(text: string): Quantity | undefined {
  const trimmed = text.trim()
  const match = trimmed.length <= lengthMax ? form.exec(trimmed) : null
  if (!match) return undefined
  const [, sign, whole, fraction = '', exponent, suffix = ''] = match
  if (!whole && !fraction) return undefined
  const digits = BigInt(whole + fraction || '0') * (sign === '-' ? -1n : 1n)
  const binary = binaryPowers[suffix]
  if (binary !== undefined) return { nanos: divideUp(digits * 2n ** binary * nano, 10n ** BigInt(fraction.length)), format: 'binary' }
  const power = exponent ? Number(exponent.slice(1)) : decimalExponents[suffix]
  if (Math.abs(power) > lengthMax) return undefined
  const scale = power + 9 - fraction.length
  const nanos = scale >= 0 ? digits * 10n ** BigInt(scale) : divideUp(digits, 10n ** BigInt(-scale))
  return { nanos, format: exponent ? 'exponent' : 'decimal' }
}

// Away from zero, as upstream: nothing asked for becomes nothing.
function divideUp(value: bigint, by: bigint): bigint {
  const quotient = value / by
  if (quotient * by === value) return quotient
  return value < 0n ? quotient - 1n : quotient + 1n
}

/** The canonical text of a quantity, or nothing when the text is none. */
export const canonicalQuantity: (text: string) => string | undefined = remembered(spellCanonically)

function spellCanonically(text: string): string | undefined {
  if (isPlain.test(text) && !text.endsWith('000')) return text
  const trimmed = text.trim()
  const quantity = parseQuantity(trimmed)
  if (!quantity || isCanonical(trimmed)) return quantity && trimmed
  const formatted = formatQuantity(quantity)
  // Storage keeps the text alone: a binary amount without a unit is read back as a decimal one.
  return quantity.format === 'binary' && isUnitless.test(formatted) ? canonicalQuantity(formatted) : formatted
}

// The common case: a whole number without leading zeros.
const isPlain = /^[1-9]\d{0,14}$/
const isUnitless = /^-?\d+$/
const shape = /^[-+]?0*(\d*)(?:\.(\d*))?([a-zA-Z]*)([-+]?\d*)$/

/** Whether upstream keeps the text as it is, judged as cheaply as it does: `+5`, `00012` and `1.` pass, `0.5` does not. */
function isCanonical(text: string): boolean {
  if (text === '0') return true
  const match = shape.exec(text)
  if (!match) return false
  const [, whole, fraction = '', suffix, exponent] = match
  const digits = (whole || '0') + fraction
  if (digits.startsWith('0') || digits.length > 18) return false
  const binary = binaryPowers[suffix]
  if (binary !== undefined) return fraction === '' && Number(whole.slice(-3)) % 8 !== 0 && BigInt(whole) * 2n ** binary <= largest
  const power = exponent ? Number(exponent) : decimalExponents[suffix]
  if (power === undefined || (exponent && !/^[eE]$/.test(suffix))) return false
  return (power - fraction.length) % 3 === 0 && !digits.endsWith('000')
}

export function formatQuantity({ nanos, format }: Quantity): string {
  if (nanos === 0n) return '0'
  if (format === 'binary' && nanos % nano === 0n) return formatBinary(nanos / nano)
  return formatDecimal(nanos, format)
}

function formatBinary(value: bigint): string {
  const capped = value > largest ? largest : value
  const entry = Object.entries(binaryPowers)
    .reverse()
    .find(([, power]) => capped % 2n ** power === 0n)
  if (!entry || abs(capped) < 1024n) return String(capped)
  return `${capped / 2n ** entry[1]}${entry[0]}`
}

function formatDecimal(nanos: bigint, format: Quantity['format']): string {
  let [digits, power] = [nanos, -9]
  while (digits % 1000n === 0n && (power < 18 || format === 'exponent')) {
    digits /= 1000n
    power += 3
  }
  if (format === 'exponent') return power === 0 ? String(digits) : `${digits}e${power}`
  return `${digits}${decimalSuffixes[power]}`
}

/** Negative, zero or positive, as `one` is less than, equal to or more than `other`. What is no quantity counts as zero. */
export function compareQuantities(one: string, other: string): number {
  const difference = nanosOf(one) - nanosOf(other)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

/** The sum, in the unit family of `one`. */
export function addQuantities(one: string, other: string): string {
  return combine(one, nanosOf(other))
}

/** What is left of `one`, in its unit family; it may be negative. */
export function subtractQuantities(one: string, other: string): string {
  return combine(one, -nanosOf(other))
}

function combine(text: string, nanos: bigint): string {
  const { nanos: first, format } = parseQuantity(text) ?? zero
  return formatQuantity({ nanos: first + nanos, format })
}

/** Amounts of resources are never finer than a thousandth. @param text canonical */
export function roundUpToMilli(text: string): string {
  if (!mayBeFine.test(text)) return text
  const quantity = parseQuantity(text)
  if (!quantity || quantity.nanos % milli === 0n) return text
  return formatQuantity({ ...quantity, nanos: divideUp(quantity.nanos, milli) * milli })
}

const mayBeFine = /[nu]$|[eE]-/
const milli = 1_000_000n
const zero: Quantity = { nanos: 0n, format: 'decimal' }

function nanosOf(text: string): bigint {
  return (parseQuantity(text) ?? zero).nanos
}

const abs = (value: bigint) => (value < 0n ? -value : value)
