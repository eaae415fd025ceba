// A client's program, made ready, run against a server of its own, its checks counted.
import { spawn } from 'node:child_process'
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { delimiter, join } from 'node:path'
import { type Count, countChecks } from './checks-count.js'
import type { Client } from './clients.js'
import { startControl } from './control.js'
import { ClientServer } from './server.js'

export interface Outcome extends Count {
  /** Why nothing was run. */
  skipped?: string
}

/** Where downloads and compiled programs are kept between runs. */
export const cacheFolder = join(tmpdir(), `kubedouble-clients-${userInfo().username}`)

/** @param deadline by the clock of `performance`: what is not ready then is left out */
export async function runClient(client: Client, deadline = Number.POSITIVE_INFINITY): Promise<Outcome> {
  const missing = client.needs.find((command) => !isOnPath(command))
  const skipped = client.absence ?? (missing && `${missing} is not on PATH`)
  if (skipped) return { passed: 0, failed: 0, output: '', skipped }
  mkdirSync(cacheFolder, { recursive: true })
  const problem = await prepareOnce(client, deadline)
  if (performance.now() >= deadline) return { passed: 0, failed: 0, output: '', skipped: 'it was not ready in the time there was' }
  return problem ? { passed: 0, failed: 1, output: problem } : againstServer(client, deadline)
}

const preparations = new Map<string, Promise<string | undefined>>()

/** Clients that are prepared alike wait for one preparation. @returns what went wrong */
function prepareOnce(client: Client, deadline: number): Promise<string | undefined> {
  const key = JSON.stringify(client.prepare)
  const begun = preparations.get(key) ?? prepare(client, deadline)
  preparations.set(key, begun)
  return begun
}

async function prepare(
  { prepare: { commands, limitSeconds } = { commands: [], limitSeconds: 0 }, environment }: Client,
  deadline: number,
): Promise<string | undefined> {
  for (const command of commands) {
    const secondsLeft = Math.max((deadline - performance.now()) / 1000, 0)
    const { output, problem } = await execute(command, { environment, limitSeconds: Math.min(limitSeconds, secondsLeft) })
    if (problem) return `${output}${command.join(' ')}: ${problem}\n`
  }
  return undefined
}

// What is ready in time may take so long after it.
const graceSeconds = 90

async function againstServer({ run, environment }: Client, deadline: number): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'kubedouble-client-'))
  const server = new ClientServer(folder)
  try {
    await server.start()
    const control = await startControl(server)
    const { output, problem } = await execute(run.command, {
      environment: { ...environment, KUBECONFIG: server.kubeconfig, KUBEDOUBLE_CONTROL: control.url },
      limitSeconds: Math.min(run.limitSeconds, (deadline - performance.now()) / 1000 + graceSeconds),
    })
    control.close()
    return countChecks(output, problem)
  } finally {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Surroundings {
  environment?: Readonly<Record<string, string>>
  limitSeconds: number
}

/** Runs a command to its end, or to its limit. */
function execute([program, ...words]: readonly string[], { environment, limitSeconds }: Surroundings): Promise<{ output: string; problem?: string }> {
  return new Promise((resolve) => {
    // A group of its own: what the program has started ends with it.
    const child = spawn(program, words, {
      cwd: import.meta.dirname,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    let output = ''
    let isLate = false
    const take = (chunk: Buffer) => {
      output += chunk
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    const end = () => child.pid && process.kill(-child.pid, 'SIGKILL')
    const limit = setTimeout(() => {
      isLate = true
      end()
    }, limitSeconds * 1000)
    process.once('exit', end)
    const done = (problem?: string) => {
      clearTimeout(limit)
      process.off('exit', end)
      resolve({ output, problem })
    }
    child.once('error', (error) => done(error.message))
    child.once('close', (code) => done(isLate ? `it was ended after ${limitSeconds} s` : code === 0 ? undefined : `it ended with code ${code}`))
  })
}

function isOnPath(command: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
