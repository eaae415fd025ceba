// The package as npm would publish it, installed from its tarball into an empty folder and used, on each line of Node.
//   npm run test:package                           on 20, 22 and 24; compiles SQLite for each
//   npm run test:package -- --only 24
//   npm run test:package -- --only 22 --sources    then `npm ci` and `npm test` of the sources there, as README.md has it
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { must } from './command.js'
import { type Node, nodeOf, releases } from './nodes.js'
import { testSources } from './sources.js'
import { tellStory } from './story.js'

const { values } = parseArgs({ options: { only: { type: 'string' }, sources: { type: 'boolean', default: false } } })
const lines = values.only?.split(',') ?? Object.keys(releases)
const unknown = lines.find((line) => !(line in releases))
if (unknown !== undefined) throw new Error(`there is no Node ${unknown} here: known are ${Object.keys(releases).join(', ')}`)

const top = join(import.meta.dirname, '..', '..')
const scratch = mkdtempSync(join(tmpdir(), 'kubedouble-package-'))
const totals = { passed: 0, failed: 0 }

const printed = await must('npm', ['pack', '--json', '--silent', '--pack-destination', scratch], { cwd: top })
const { filename, size, unpackedSize } = JSON.parse(printed.slice(printed.indexOf('[')))[0]
console.log(`${filename}: ${size} bytes, ${unpackedSize} unpacked`)
for (const line of lines) await tryOn(await nodeOf(releases[line]!))
rmSync(scratch, { recursive: true })
console.log(`${totals.passed} passed, ${totals.failed} failed`)
process.exitCode = totals.failed ? 1 : 0

async function tryOn(node: Node): Promise<void> {
  console.log(`\n== Node ${node.release}`)
  const folder = join(scratch, node.release)
  const notes = await tellStory(node, { folder: join(folder, 'package'), tarball: join(scratch, filename), check }).catch(fail)
  console.log(`== Node ${node.release}: ${notes.join(', ')}`)
  if (values.sources) console.log((await testSources(node, { top, folder: join(folder, 'sources'), check }).catch(fail)).join(', '))
}

/** The first check that fails ends the story: what follows rests on it. */
async function check(name: string, claim: () => Promise<void> | void): Promise<void> {
  await claim()
  totals.passed++
  console.log(`ok ${name}`)
}

function fail(problem: Error): string[] {
  totals.failed++
  console.log(`FAILED ${problem.stack}`)
  return ['the story broke off']
}
