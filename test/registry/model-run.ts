// The model check in its long form: `npm run test:model -- [--runs N] [--seed N]`. Ends with one line `N passed, M failed`.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import fc from 'fast-check'
import { commands } from './model-commands.js'
import { play } from './model-play.js'

const { values } = parseArgs({ options: { runs: { type: 'string', default: '10000' }, seed: { type: 'string' } } })
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
const runs = Number(values.runs)
const folder = mkdtempSync(join(tmpdir(), 'kubedouble-model-'))
let files = 0
const totals = { passed: 0, failed: 0 }

check('the registry does what its model does', runs, () => undefined)
// Each of these writes to a disk.
check('so it does on a file that is closed and opened again', Math.ceil(runs / 10), () => join(folder, `${files++}.db`))
rmSync(folder, { recursive: true })
console.log(`${totals.passed} passed, ${totals.failed} failed`)
process.exitCode = totals.failed ? 1 : 0

function check(name: string, numRuns: number, nextData: () => string | undefined): void {
  const began = performance.now()
  let played = 0
  const property = fc.property(commands, (all) => {
    const data = nextData()
    play(all, data)
    played += all.length
    if (data) for (const suffix of ['', '-wal', '-shm']) rmSync(data + suffix, { force: true })
  })
  const result = fc.check(property, { numRuns, seed })
  const seconds = ((performance.now() - began) / 1000).toFixed(0)
  totals[result.failed ? 'failed' : 'passed']++
  console.log(`${result.failed ? 'FAILED' : 'ok'}: ${name}: ${numRuns} stories, ${played} commands, ${seconds} s, seed ${seed}`)
  if (!result.failed) return
  console.log(JSON.stringify(result.counterexample, undefined, 1))
  console.log(String(result.errorInstance))
  console.log(`again: npm run test:model -- --runs ${runs} --seed ${seed}`)
}
