// Asks the registry for known vulnerabilities: of what an installation brings and of what development needs.
// Where the registry answers no audits this is said, and nothing has been checked.
import { spawnSync } from 'node:child_process'

const notServed = new Set([404, 405, 501])

const { stdout, stderr, status } = spawnSync('npm', ['audit', '--json'], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, shell: process.platform === 'win32' })
const answer = parse(stdout)
if (notServed.has(answer.statusCode)) {
  console.log(`SKIPPED npm audit: the registry has no audit endpoint (it answered ${answer.statusCode}). Nothing is known of vulnerabilities.`)
  console.log('0 passed, 0 failed')
} else {
  report(answer)
}

function report({ vulnerabilities, message }) {
  const found = Object.values(vulnerabilities ?? {})
  for (const { name, severity, via } of found) console.log(`${severity} ${name}: ${via.map((each) => each.title ?? each).join('; ')}`)
  const isClean = status === 0 && vulnerabilities !== undefined && found.length === 0
  if (!isClean && found.length === 0) console.log(`npm audit ended with ${status}: ${message ?? stderr}`)
  console.log(isClean ? '1 passed, 0 failed' : `0 passed, ${Math.max(found.length, 1)} failed`)
  process.exitCode = isClean ? 0 : 1
}

function parse(text) {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}
