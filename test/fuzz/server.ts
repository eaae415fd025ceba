// The server under test: the built command with an observer inside, and everything that it says.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { command, portOf, readyOf, spawnServer } from '../support/built-server.js'

const observer = pathToFileURL(join(import.meta.dirname, 'observer.mjs')).href

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
  const child = spawnServer(
    [
      process.execPath,
      '--expose-gc',
      '--import',
      observer,
      command,
      ...own,
      '--cert-dir',
      join(folder, 'certificates'),
      '--output',
      'json',
      '--log-level',
      'warn',
      ...flags,
    ],
    { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
  )
  const said: string[] = []
  let end: string | undefined
  createInterface(child.stderr as NodeJS.ReadableStream).on('line', (line) => said.push(line))
  child.once('exit', (code, signal) => {
    end = `it ended with ${signal ?? `code ${code}`}`
  })
  const { http, https, grpc } = await readyOf(child)
  return {
    pid: child.pid as number,
    port: portOf(http),
    securePort: portOf(https),
    grpcPort: portOf(grpc),
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
