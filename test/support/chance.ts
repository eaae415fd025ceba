// Requests made by chance: numbers that repeat, and objects and bytes that are nearly right.
import type { Plain } from '../../src/machinery/index.js'

/** A whole number from 0, below the given one. */
export type Chance = (below: number) => number

/** Numbers that repeat from run to run. */
export function chanceOf(seed: number): Chance {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const values: unknown[] = [
  null,
  true,
  false,
  0,
  1,
  -1,
  65536,
  1.5,
  2 ** 60,
  '',
  'x',
  'UPPER',
  'a/b',
  '1Gi',
  '10%',
  '2026-01-02T03:04:05Z',
  '__proto__',
  '\u0000',
  [],
  {},
  [null],
  [[]],
  [{}],
  { a: null },
  { name: 't' },
  { '': '' },
  'x'.repeat(300),
]

/** A copy with one value somewhere inside replaced, removed or added. */
export function mutated(value: unknown, next: Chance): unknown {
  if (next(12) === 0) return values[next(values.length)]
  if (Array.isArray(value)) {
    const copy = [...value]
    const at = next(copy.length + 1)
    if (next(4) === 0) copy.push(...copy)
    else copy[at] = mutated(copy[at], next)
    return copy
  }
  if (typeof value !== 'object' || value === null) return likes(value, next)
  const copy: Plain = { ...value }
  const keys = Object.keys(copy)
  const key = next(8) === 0 || !keys.length ? ['extra', '__proto__', 'metadata', 'spec', 'kind', '$patch'][next(6)] : keys[next(keys.length)]
  if (next(8) === 0) delete copy[key]
  else Object.defineProperty(copy, key, { value: mutated(copy[key], next), enumerable: true, configurable: true, writable: true })
  return copy
}

/** Mostly something of the same type: what is of another type does not get far. */
function likes(value: unknown, next: Chance): unknown {
  const same = values.filter((each) => typeof each === typeof value)
  return next(5) && same.length ? same[next(same.length)] : values[next(values.length)]
}

/** Cut off, or with some bytes changed. */
export function garbled(bytes: Buffer, next: Chance): Buffer {
  const copy = Buffer.from(bytes.subarray(0, next(5) === 0 ? next(bytes.length + 1) : bytes.length))
  for (let count = next(4); count > 0 && copy.length; count--) copy[next(copy.length)] = next(256)
  return copy
}
