// Faults of the file, one after the other.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { chanceOf } from '../../support/chance.js'
import type { Checks } from '../checks.js'
import { scratch } from '../server-process.js'
import { damagedPages } from './damaged-pages.js'
import { fullDisks } from './full-disk.js'
import { refusedFiles } from './refused-files.js'
import { tornTails } from './torn-tails.js'

export async function runFaults({ seed, checks, isShort }: { seed: number; checks: Checks; isShort: boolean }): Promise<void> {
  const folder = join(scratch, 'faults')
  mkdirSync(folder, { recursive: true })
  const next = chanceOf(seed)
  await fullDisks({ folder, checks })
  await refusedFiles({ folder, checks, isShort })
  await damagedPages({ folder, checks, next, count: isShort ? 4 : 60 })
  await tornTails({ folder, checks, next, count: isShort ? 4 : 40 })
}
