// Ways in which bytes of a file go bad.
import { readFileSync, writeFileSync } from 'node:fs'
import type { Chance } from '../../support/chance.js'

export const pageBytes = 4096

/** A file and what a killed process left beside it: all that a user has. */
export function bytesOf(path: string): string {
  return ['', '-wal', '-journal'].map((suffix) => contentOf(`${path}${suffix}`)).join('|')
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch (error) {
    // Nothing beside the file is as good as nothing in it.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    return 'unreadable'
  }
}

export function change(path: string, work: (bytes: Buffer) => Buffer | undefined): void {
  const bytes = readFileSync(path)
  writeFileSync(path, work(bytes) ?? bytes)
}

/** Kinds of pages of a SQLite file: of a table, leading or with rows; of an index, with rows. */
export const pageTypes = { leading: 5, rows: 13, index: 10 }

/** The page of that kind that stands in the middle of them. */
export function pageOf(kind: number): (bytes: Buffer) => number {
  return (bytes) => {
    const places = Array.from({ length: bytes.length / pageBytes }, (_, index) => index * pageBytes).filter((at) => at > 0 && bytes[at] === kind)
    return places[Math.floor(places.length / 2)]
  }
}

export type Spoil = (bytes: Buffer, next: Chance) => Buffer | undefined

const page = (bytes: Buffer, next: Chance) => bytes.subarray(pageBytes * next(bytes.length / pageBytes)).subarray(0, pageBytes)

/** What disks do to a page. */
export const pageSpoils: Record<string, Spoil> = {
  'is empty': (bytes, next) => void page(bytes, next).fill(0),
  'is noise': (bytes, next) => void fillWithNoise(page(bytes, next), next),
  'has one bit that is wrong': (bytes, next) => {
    const spoiled = page(bytes, next)
    spoiled[next(spoiled.length)] ^= 1 << next(8)
    return undefined
  },
  'has some bytes that are wrong': (bytes, next) => {
    const spoiled = page(bytes, next)
    fillWithNoise(spoiled.subarray(next(spoiled.length)).subarray(0, 8), next)
    return undefined
  },
  'is a copy of another': (bytes, next) => void page(bytes, next).copy(page(bytes, next)),
  'is missing, as are all after it,': (bytes, next) => bytes.subarray(0, next(bytes.length)),
}

/** What is left of a tail that was not written to the end. */
export const tailSpoils: Record<string, Spoil> = {
  'ends early': (bytes, next) => bytes.subarray(0, next(bytes.length)),
  'has one bit that is wrong': (bytes, next) => {
    bytes[next(bytes.length)] ^= 1 << next(8)
    return undefined
  },
  'is noise from somewhere on': (bytes, next) => void fillWithNoise(bytes.subarray(next(bytes.length)), next),
  'is empty from somewhere on': (bytes, next) => void bytes.fill(0, next(bytes.length)),
  'has a hole': (bytes, next) => void fillWithNoise(bytes.subarray(next(bytes.length)).subarray(0, pageBytes), next),
}

function fillWithNoise(bytes: Buffer, next: Chance): void {
  for (let at = 0; at < bytes.length; at++) bytes[at] = next(256)
}
