// ServerProcess: the built command on a file, to be killed.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { command } from '../support/built-server.js'

const startMillisMax = 60_000
const endMillisMax = 30_000

/** Where all files of this run are; gone with it unless something failed. */
export const scratch = mkdtempSync(join(tmpdir(), 'kubedouble-crash-'))
// Another user is to reach its files.
chmodSync(scratch, 0o755)
const children = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

export function removeScratch(): void {
  rmSync(scratch, { recursive: true, force: true })
}

/** Certificates are made once. Another user needs a folder of its own. */
function cacheFor(uid: number | undefined): string {
  const folder = join(scratch, `cache-${uid ?? 'own'}`)
  mkdirSync(folder, { recursive: true })
  if (uid !== undefined) chownSync(folder, uid, uid)
  return folder
}

export interface Ending {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface StartOptions {
  flags?: readonly string[]
  /** No file of the process grows beyond it. */
  fileKilobytesMax?: number
  /** Run as this user. */
  uid?: number
}

export class ServerProcess {
  http = ''
  grpc = ''
  readonly ended: Promise<Ending>
  /** Whether it is ready, or has ended before. */
  readonly ready: Promise<boolean>
  #isDying = false
  readonly #child: ChildProcess

  constructor(data: string, { flags = [], fileKilobytesMax, uid }: StartOptions) {
    const words = [command, '--secure-port', 'off', '--insecure-port', '0', '--grpc-port', '0', '--data', data, '--output', 'json', '--log-level', 'error']
    const all = [process.execPath, ...words, ...flags]
    const limited = fileKilobytesMax === undefined ? all : ['bash', '-c', `ulimit -f ${fileKilobytesMax}; exec "$@"`, 'server', ...all]
    const env = { ...process.env, XDG_CACHE_HOME: cacheFor(uid) }
    const child = spawn(limited[0], limited.slice(1), { env, stdio: ['ignore', 'pipe', 'pipe'], ...(uid === undefined ? {} : { uid, gid: uid }) })
    this.#child = child
    children.add(child)
    const text = { stdout: '', stderr: '' }
    child.stderr?.on('data', (chunk) => {
      text.stderr += chunk
    })
    this.ended = once(child, 'close').then(([code, signal]) => {
      children.delete(child)
      this.#isDying = true
      return { code, signal, ...text }
    })
    const line = new Promise<boolean>((resolve) =>
      child.stdout?.on('data', (chunk) => {
        text.stdout += chunk
        if (!text.stdout.includes('\n') || this.http) return
        const { http, grpc } = JSON.parse(text.stdout.slice(0, text.stdout.indexOf('\n'))) as { http: string; grpc: string }
        Object.assign(this, { http, grpc })
        resolve(true)
      }),
    )
    const deadline = setTimeout(() => child.kill('SIGKILL'), startMillisMax)
    this.ready = Promise.race([line, this.ended.then(() => false)]).finally(() => clearTimeout(deadline))
  }

  /** Whether somebody has asked it to end, or it has. */
  get isDying(): boolean {
    return this.#isDying
  }

  get pid(): number {
    return this.#child.pid as number
  }

  kill(): Promise<Ending> {
    this.#isDying = true
    this.#child.kill('SIGKILL')
    return this.ended
  }

  /** In good order, or by force when it takes too long. */
  async stop(): Promise<Ending> {
    this.askToEnd()
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), endMillisMax)
    const ending = await this.ended
    clearTimeout(timer)
    return ending
  }

  askToEnd(): void {
    this.#isDying = true
    this.#child.kill('SIGTERM')
  }
}

/** @throws when it does not become ready */
export async function startServer(data: string, options: StartOptions = {}): Promise<ServerProcess> {
  const server = new ServerProcess(data, options)
  if (await server.ready) return server
  const { code, signal, stderr } = await server.ended
  throw new Error(`the server ended with ${signal ?? code}: ${stderr}`)
}
