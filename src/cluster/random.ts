// Sources of randomness: the machine's own, or a repeatable one from a seed.
import { randomBytes } from 'node:crypto'
import type { Random } from '../machinery/index.js'

/**
 * Without a seed the machine's own. With one, each subject has numbers of its own at each use, the same in every run:
 * what a client makes is the same whether or not controllers were busy in between.
 * @param seed any text
 */
export function randomSource(seed?: string): (subject: string) => Random {
  if (seed === undefined) {
    const machine = randomOf(machineWords())
    return () => machine
  }
  const uses = new Map<string, number>()
  let age = 0
  return (subject) => {
    if (uses.size >= subjectsMax && !uses.has(subject)) {
      uses.clear()
      age++
    }
    const use = uses.get(subject) ?? 0
    uses.set(subject, use + 1)
    return randomOf(seededWords(`${seed}\n${age}\n${use}\n${subject}`))
  }
}

// Uses are counted for so many subjects; then they begin anew, in another age.
const subjectsMax = 65_536

function randomOf(next: () => number): Random {
  return {
    integer: (below) => Math.floor((next() / 0x1_0000_0000) * below),
    uuid: () => formatUUID([next(), next(), next(), next()]),
  }
}

/** 32-bit words in batches: asking the system for each would cost a call. */
function machineWords(): () => number {
  const words = new Uint32Array(256)
  let index = words.length
  return () => {
    if (index === words.length) {
      words.set(new Uint32Array(new Uint8Array(randomBytes(words.byteLength)).buffer))
      index = 0
    }
    return words[index++]
  }
}

// sfc32 by Chris Doty-Humphrey: small, fast, passes PractRand; not for secrets.
function seededWords(seed: string): () => number {
  let [a, b, c, counter] = [hash(seed, 1), hash(seed, 2), hash(seed, 3), 1]
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
  for (let round = 0; round < 12; round++) next()
  return next
}

function hash(text: string, salt: number): number {
  let value = Math.imul(salt, 0x9e3779b1)
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  return value | 0
}

function formatUUID([a, b, c, d]: [number, number, number, number]): string {
  const version = (b & 0x0fff) | 0x4000
  const variant = ((c >>> 16) & 0x3fff) | 0x8000
  return `${half(a >>> 16)}${half(a)}-${half(b >>> 16)}-${half(version)}-${half(variant)}-${half(c)}${half(d >>> 16)}${half(d)}`
}

const bytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** The lower half of a word. */
function half(word: number): string {
  return bytes[(word >>> 8) & 0xff] + bytes[word & 0xff]
}
