// Runs every suite, adds up what passed and failed, and ends with one line.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const scratch = mkdtempSync(join(tmpdir(), 'kubedouble-ci-'))
const totals = { passed: 0, failed: 0 }
// A cold machine compiles for minutes what clients need. All together stays under a quarter of an hour: clients that are not ready by then are left out.
const clientsReadyByMinute = 11
// Tests repeat the same cases then, and try all of them.
process.env.CI ??= 'true'

await suite('tests', 'npm', ['test', '--', ...reportTo('tests')], () => vitestCounts('tests'))
await suite('lint', 'npm', ['run', 'lint'])
await suite('types', 'npm', ['run', 'typecheck'])
await suite('known vulnerabilities', 'npm', ['run', 'audit'], lastLineCounts)
await suite('recorded conversations', 'npm', ['run', 'conformance'], lastLineCounts)
await suite('crashes', 'npm', ['run', 'test:crash', '--', '--short'], lastLineCounts)
await suite('fuzz', 'npm', ['run', 'test:fuzz', '--', '--short'], lastLineCounts)
await suite('load', 'npm', ['run', 'test:load', '--', '--short'], lastLineCounts)
await suite('README and examples', 'npm', ['run', 'test:readme', '--', ...reportTo('readme')], () => vitestCounts('readme'))
// kubectl, helm and the JavaScript client were among the tests.
const minutesLeft = clientsReadyByMinute - performance.now() / 60_000
await suite('clients', 'npm', ['run', 'test:clients', '--', '--outside-tests', '--minutes', minutesLeft.toFixed(2)], lastLineCounts)
rmSync(scratch, { recursive: true })
console.log(`${totals.passed} passed, ${totals.failed} failed`)
process.exitCode = totals.failed ? 1 : 0

/** @param counts what the suite says of itself; without it the suite is one check */
async function suite(name, command, args, counts = () => undefined) {
  console.log(`\n== ${name}`)
  const { code, output } = await run(command, args)
  const counted = counts(output) ?? (code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 })
  totals.passed += counted.passed
  // A suite that ends badly without naming a failure has failed once.
  totals.failed += code === 0 ? counted.failed : Math.max(counted.failed, 1)
  console.log(`== ${name}: ${counted.passed} passed, ${counted.failed} failed`)
}

function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.on('data', (chunk) => {
      process.stdout.write(chunk)
      output += chunk
    })
    child.once('close', (code) => resolve({ code: code ?? 1, output }))
  })
}

function reportTo(name) {
  return ['--reporter=default', '--reporter=json', `--outputFile.json=${join(scratch, name)}.json`]
}

function vitestCounts(name) {
  try {
    const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(readFileSync(join(scratch, `${name}.json`), 'utf8'))
    // A file that cannot be loaded has no test that could fail.
    return { passed: numPassedTests, failed: Math.max(numFailedTests, numFailedTestSuites > 0 ? 1 : 0) }
  } catch {
    return undefined
  }
}

function lastLineCounts(output) {
  const match = /(\d+) passed, (\d+) failed\s*$/.exec(output)
  return match ? { passed: Number(match[1]), failed: Number(match[2]) } : undefined
}
