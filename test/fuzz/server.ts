// The server under test: the built command with an observer inside, and everything that it says.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

/** KUBEDOUBLE names another build of it. */
const command = process.env.KUBEDOUBLE ?? join(import.meta.dirname, '..', '..', 'dist', 'kubedouble.js')
const observer = pathToFileURL(join(import.meta.dirname, 'observer.mjs')).href
const startMillisMax = 60_000

export interface Observation {
  heapBytes: number
  residentBytes: number
  /** Time on the processor since the start. */
  cpuMillis: number
  /** What keeps the event loop alive, by kind. */
  resources: Record<string, number>
  changedPrototypes: string[]
}

export interface FuzzedServer {
  readonly pid: number
  readonly port: number
  readonly securePort: number
  readonly grpcPort: number
  /** What it wrote to stderr: nothing, unless something is wrong. */
  readonly said: string[]
  /** How it ended; undefined while it serves. */
  readonly end: string | undefined
  /** @param collect with the garbage collected first */
  observe(collect?: boolean): Promise<Observation>
  stop(): Promise<void>
}

export async function startServer(flags: readonly string[]): Promise<FuzzedServer> {
  const folder = mkdtempSync(join(tmpdir(), 'kubedouble-fuzz-'))
  const own = ['--secure-port', '0', '--insecure-port', '0', '--grpc-port', '0', '--kubeconfig', join(folder, 'kubeconfig')]
  const child = spawn(
    process.execPath,
    ['--expose-gc', '--import', observer, command, ...own, '--cert-dir', join(folder, 'certificates'), '--output', 'json', '--log-level', 'warn', ...flags],
    { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
  )
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const said: string[] = []
  let end: string | undefined
  createInterface(child.stderr as NodeJS.ReadableStream).on('line', (line) => said.push(line))
  child.once('exit', (code, signal) => {
    end = `it ended with ${signal ?? `code ${code}`}`
    process.off('exit', kill)
  })
  const { http, https, grpc } = await readyOf(child)
  return {
    pid: child.pid as number,
    port: Number(new URL(http).port),
    securePort: Number(new URL(https).port),
    grpcPort: Number(grpc.slice(grpc.lastIndexOf(':') + 1)),
    said,
    get end() {
      return end
    },
    observe: observing(child),
    async stop() {
      if (end === undefined) {
        child.kill('SIGTERM')
        await once(child, 'exit')
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function readyOf(child: ChildProcess): Promise<{ http: string; https: string; grpc: string }> {
  const deadline = setTimeout(() => child.kill('SIGKILL'), startMillisMax)
  const line = await Promise.race([
    once(createInterface(child.stdout as NodeJS.ReadableStream), 'line').then(([text]) => text as string),
    once(child, 'exit').then(() => undefined),
  ])
  clearTimeout(deadline)
  if (line === undefined) throw new Error('kubedouble has ended before it was ready')
  return JSON.parse(line)
}

function observing(child: ChildProcess): FuzzedServer['observe'] {
  const waiting = new Map<number, { resolve(observation: Observation): void; reject(error: Error): void }>()
  let id = 0
  let isGone = false
  child.once('exit', () => {
    isGone = true
    for (const [, { reject }] of waiting) reject(new Error('the server is gone'))
  })
  child.on('message', (message) => {
    const { id: answered, ...observation } = message as Observation & { id: number }
    waiting.get(answered)?.resolve(observation)
    waiting.delete(answered)
  })
  return (collect = false) =>
    new Promise((resolve, reject) => {
      if (isGone) return reject(new Error('the server is gone'))
      waiting.set(++id, { resolve, reject })
      child.send({ id, collect })
    })
}
