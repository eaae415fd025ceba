// Faults of the file, one after the other.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { chanceOf } from '../../support/chance.js'
import type { Checks } from '../checks.js'
import { scratch } from '../server-process.js'
import { damagedPages } from './damaged-pages.js'
import { fullDisks } from './full-disk.js'
import { makeFiles } from './made-files.js'
import { refusedFiles } from './refused-files.js'
import { spoilWhileRunning } from './spoiled-while-running.js'
import { tornTails } from './torn-tails.js'

export async function runFaults({ seed, checks, isShort }: { seed: number; checks: Checks; isShort: boolean }): Promise<void> {
  const folder = join(scratch, 'faults')
  mkdirSync(folder, { recursive: true })
  const next = chanceOf(seed)
  await fullDisks({ folder, checks })
  const made = await makeFiles(folder)
  await refusedFiles({ made, folder, checks, isShort })
  await spoilWhileRunning(made[0], folder, checks)
  await damagedPages({ folder, checks, next, count: isShort ? 4 : 60 })
  await tornTails({ folder, checks, next, count: isShort ? 4 : 40 })
}
