// Schemathesis: a fuzzer that reads the OpenAPI documents and holds the answers against them. Only in the long form: it is Python's.
//
// Checked are schemas of answers, their media types, and failures of the server. Not checked: codes of answers, since upstream's
// documents name the good ones and 401 alone; and whether what the schemas do not allow is refused, since upstream takes unknown fields.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { Checks } from './checks.js'
import { upstreamErrors } from './upstream-errors.js'

const own = join(import.meta.dirname, 'schemathesis')
const environment = join(tmpdir(), `kubedouble-schemathesis-${userInfo().username}`)
const examplesPerOperation = 8
const secondsPerDocumentMin = 12
const secondsPerOperation = 0.4
const secondsOfOldDocument = 120
// What reaches into containers is listed and not served; watches by their own old path never end.
const leftOut = '/watch/|/(?:proxy|exec|attach|portforward|log)(?:/|$)'
const limitMillis = 10 * 60_000

const check = 'schemathesis: answers are as the OpenAPI documents say, and no failure but upstream’s'

/** @returns why it was left out */
export async function runSchemathesis({ seed, port, checks }: { seed: number; port: number; checks: Checks }): Promise<string | undefined> {
  const problem = prepare()
  if (problem) return problem
  const url = `http://127.0.0.1:${port}`
  const folder = mkdtempSync(join(tmpdir(), 'kubedouble-schemathesis-run-'))
  const { paths } = (await (await fetch(`${url}/openapi/v3`)).json()) as { paths: Record<string, unknown> }
  const documents = Object.keys(paths).filter((path) => /^apis?\//.test(path) && /\/v\d/.test(path))
  for (const path of documents) {
    const document = `${url}/openapi/v3/${path}`
    const seconds = Math.max(secondsPerDocumentMin, Math.ceil((await operationsOf(document)) * secondsPerOperation))
    await runOn(document, { url, seed, folder, seconds, checks })
  }
  await runOn(`${url}/openapi/v2`, { url, seed, folder, seconds: secondsOfOldDocument, checks })
  rmSync(folder, { recursive: true, force: true })
  return undefined
}

async function operationsOf(document: string): Promise<number> {
  const { paths } = (await (await fetch(document)).json()) as { paths: Record<string, object> }
  return Object.entries(paths).reduce((sum, [path, methods]) => sum + (new RegExp(leftOut).test(path) ? 0 : Object.keys(methods).length), 0)
}

/** Installs what is pinned, once for all runs on this machine. */
function prepare(): string | undefined {
  if (spawnSync('python3', ['--version']).status !== 0) return 'there is no python3'
  if (existsSync(join(environment, 'bin', 'schemathesis'))) return undefined
  const made = spawnSync('python3', ['-m', 'venv', environment])
  if (made.status !== 0) return `python3 -m venv: ${made.stderr.toString().slice(0, 300)}`
  const installed = spawnSync(join(environment, 'bin', 'pip'), ['install', '--quiet', '--disable-pip-version-check', '-r', join(own, 'requirements.txt')])
  if (installed.status === 0) return undefined
  rmSync(environment, { recursive: true, force: true })
  return `pip install: ${installed.stderr.toString().slice(0, 300)}`
}

interface Run {
  url: string
  seed: number
  folder: string
  seconds: number
  checks: Checks
}

async function runOn(document: string, { url, seed, folder, seconds, checks }: Run): Promise<void> {
  const words = [
    ...['run', document, '--url', url, '--seed', String(seed), '--max-examples', String(examplesPerOperation), '--max-time', String(seconds)],
    ...['--checks', 'response_schema_conformance,content_type_conformance,no_failure_but_upstreams', '--exclude-path-regex', leftOut],
    ...['--phases', 'fuzzing', '--continue-on-failure', '--no-shrink', '--suppress-health-check', 'all', '--no-color', '--warnings', 'off'],
  ]
  const { code, output } = await execute(words, folder)
  const generated = Number(/(\d+) generated/.exec(output)?.[1] ?? 0)
  const name = document.slice(url.length)
  console.log(`schemathesis ${name}: ${generated} cases${code === 0 ? '' : `, code ${code}`}`)
  if (code !== 0) writeFileSync(join(tmpdir(), `kubedouble-schemathesis-${name.replaceAll('/', '-')}.txt`), output)
  checks.note(check, code === 0 && generated > 0 ? undefined : `${name}: ${output.slice(output.indexOf('FAILURES')).slice(0, 1500)}`)
}

function execute(words: readonly string[], folder: string): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const errors = JSON.stringify(upstreamErrors.map(({ code, message }) => ({ code, message: message.source })))
    const child = spawn(join(environment, 'bin', 'schemathesis'), words, {
      cwd: folder,
      env: { ...process.env, SCHEMATHESIS_HOOKS: 'hooks', PYTHONPATH: own, PYTHONDONTWRITEBYTECODE: '1', UPSTREAM_ERRORS: errors },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const take = (chunk: Buffer) => {
      output += chunk
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    const limit = setTimeout(() => child.kill('SIGKILL'), limitMillis)
    child.once('close', (code) => {
      clearTimeout(limit)
      resolve({ code: code ?? 1, output })
    })
  })
}
