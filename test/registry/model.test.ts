// Whatever clients ask of the registry, in whatever order, it answers what the model answers.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, it } from 'vitest'
import { commands } from './model-commands.js'
import { play } from './model-play.js'

const folder = mkdtempSync(join(tmpdir(), 'kubedouble-model-'))
afterAll(() => rmSync(folder, { recursive: true }))

it('the registry does what its model does', () => {
  fc.assert(
    fc.property(commands, (all) => play(all)),
    { numRuns: 150 },
  )
})

it('so it does on a file that is closed and opened again', () => {
  let files = 0
  fc.assert(
    fc.property(commands, (all) => play(all, join(folder, `${files++}.db`))),
    { numRuns: 25 },
  )
})
