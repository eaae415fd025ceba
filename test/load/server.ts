// LoadServer: the built command in a process of its own, and what can be seen of it from outside.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { command, portOf, type Ready, readyOf, spawnServer } from '../support/built-server.js'

export interface LoadServerOptions {
  flags?: readonly string[]
  /** How many files it may have open. */
  filesMax?: number
  environment?: Readonly<Record<string, string>>
}

export class LoadServer {
  readonly http: string
  readonly https: string
  readonly grpc: string
  readonly pid: number
  readonly #child: ChildProcess
  readonly #folder: string
  readonly #said: { stderr: string }

  private constructor(child: ChildProcess, folder: string, said: { stderr: string }, ready: Ready) {
    this.#child = child
    this.#folder = folder
    this.#said = said
    this.pid = child.pid as number
    this.http = ready.http
    this.https = ready.https
    this.grpc = ready.grpc
  }

  static async start({ flags = [], filesMax, environment }: LoadServerOptions = {}): Promise<LoadServer> {
    const folder = mkdtempSync(join(tmpdir(), 'kubedouble-load-'))
    const ports = ['--secure-port', '0', '--insecure-port', '0', '--grpc-port', '0']
    const own = [...ports, '--kubeconfig', join(folder, 'kubeconfig'), '--output', 'json', '--log-level', 'warn']
    const words = [process.execPath, command, ...own, ...flags]
    const limited = filesMax === undefined ? words : ['sh', '-c', `ulimit -n ${filesMax}; exec "$@"`, 'server', ...words]
    const child = spawnServer(limited, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } })
    const said = { stderr: '' }
    child.stderr?.on('data', (chunk) => {
      said.stderr += chunk
    })
    return new LoadServer(child, folder, said, await readyOf(child, () => said.stderr))
  }

  get port(): number {
    return portOf(this.http)
  }

  get securePort(): number {
    return portOf(this.https)
  }

  get grpcPort(): number {
    return portOf(this.grpc)
  }

  /** What it has said on stderr: mistakes and warnings. */
  get stderr(): string {
    return this.#said.stderr
  }

  /** The administrator, as the secure port knows him. */
  get identity(): { cert: string; key: string } {
    const text = readFileSync(join(this.#folder, 'kubeconfig'), 'utf8')
    const read = (name: string) => Buffer.from(new RegExp(`${name}: (\\S+)`).exec(text)?.[1] ?? '', 'base64').toString()
    return { cert: read('client-certificate-data'), key: read('client-key-data') }
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Resident memory in MiB. */
  get memory(): number {
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${this.pid}/status`, 'latin1'))?.[1]) / 1024
  }

  get openFiles(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length
  }

  /** Open watches and requests under way, as it counts them itself. */
  async underWay(): Promise<{ watches: number; requests: number }> {
    const answer = await fetch(`${this.http}/metrics`, { headers: { connection: 'close' } })
    const text = await answer.text()
    // So much is under way that not even this is answered.
    if (!answer.ok) return { watches: Number.POSITIVE_INFINITY, requests: Number.POSITIVE_INFINITY }
    const sum = (name: string) => [...text.matchAll(new RegExp(`^${name}\\{[^}]*\\} (\\d+)$`, 'gm'))].reduce((total, [, value]) => total + Number(value), 0)
    // This one is under way itself.
    return { watches: sum('apiserver_longrunning_requests'), requests: sum('apiserver_current_inflight_requests') - 1 }
  }

  async stop(): Promise<void> {
    const ended = this.isAlive ? once(this.#child, 'exit') : undefined
    this.#child.kill('SIGTERM')
    await ended
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
