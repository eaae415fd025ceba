// The command of an installed package, run on a Node of choice.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Node } from './nodes.js'

const startMillisMax = 30_000

export interface Ready {
  http: string
  https: string
  grpc: string
}

export class InstalledServer {
  readonly ready: Ready
  readonly readyMillis: number
  readonly #child: ChildProcess
  readonly #printed: () => string

  private constructor(child: ChildProcess, values: { ready: Ready; readyMillis: number; printed: () => string }) {
    this.#child = child
    this.ready = values.ready
    this.readyMillis = values.readyMillis
    this.#printed = values.printed
  }

  static async start(node: Node, { folder, args }: { folder: string; args: readonly string[] }): Promise<InstalledServer> {
    const started = performance.now()
    const ports = ['--secure-port', '0', '--insecure-port', '0', '--grpc-port', '0']
    const options = ['--output', 'json', '--log-level', 'warn', '--cert-dir', 'certificates', '--kubeconfig', 'kubeconfig']
    const child = spawn(node.executable, ['node_modules/.bin/kubedouble', ...ports, ...options, ...args], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: node.environment.PATH, HOME: folder },
    })
    let printed = ''
    child.stderr.on('data', (text) => (printed += text))
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`the server ended with ${code}: ${printed}`)
    })
    const line = once(createInterface(child.stdout), 'line', { signal: AbortSignal.timeout(startMillisMax) })
    const [text] = await Promise.race([line, ended]).catch((problem) => {
      child.kill('SIGKILL')
      throw problem
    })
    ended.catch(() => {})
    return new InstalledServer(child, { ready: JSON.parse(text), readyMillis: performance.now() - started, printed: () => printed })
  }

  /** @returns how it ended, and all that it said on stderr */
  async stop(): Promise<{ code: number | null; printed: string; millis: number }> {
    const started = performance.now()
    const ended = once(this.#child, 'close')
    this.#child.kill('SIGTERM')
    const [code] = await ended
    return { code, printed: this.#printed(), millis: performance.now() - started }
  }
}
