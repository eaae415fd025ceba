// The processes that are measured. All of them end with the scenario that has started them.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

export class Processes {
  #scratch
  #children = new Set()

  /** @param scratch a folder for certificates, which are made once */
  constructor(scratch) {
    this.#scratch = scratch
  }

  /** The built server: HTTP, HTTPS and gRPC on free ports, a fresh state. @param options more words of its command line, which come last */
  serve(options = []) {
    const ports = ['--secure-port', '0', '--insecure-port', '0', '--grpc-port', '0']
    const files = ['--cert-dir', this.certificates, '--kubeconfig', join(this.#scratch, 'kubeconfig')]
    return this.launch([join(root, 'dist', 'kubedouble.js'), ...ports, ...files, '--output', 'json', '--log-level', 'error', ...options])
  }

  get certificates() {
    return join(this.#scratch, 'certificates')
  }

  /** One of `limits/`. */
  limit(name, ...words) {
    return this.launch([join(root, 'bench', 'limits', `${name}.mjs`), ...words])
  }

  /** @returns what its first line says, `url` of plain HTTP, and `readyMillis` from the command to that line */
  launch(words) {
    // Certificates of the machine would be read at every start of Node.
    const { NODE_EXTRA_CA_CERTS: _certificates, ...env } = process.env
    const began = performance.now()
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'], env })
    this.#children.add(child)
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.once('exit', () => this.#children.delete(child))
    const end = () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
      return ended
    }
    return new Promise((resolve, reject) => {
      let text = ''
      child.once('exit', (code) => reject(new Error(`${words[0]} ended with ${code} before it was ready`)))
      child.stdout.on('data', (chunk) => {
        text += chunk
        if (!text.includes('\n')) return
        child.stdout.removeAllListeners('data').resume()
        const readyMillis = performance.now() - began
        const said = JSON.parse(text)
        resolve({ ...said, url: said.http, child, readyMillis, end })
      })
    })
  }

  /** The time a process takes that is over by itself. */
  async runMillis(words) {
    const began = performance.now()
    const child = spawn(process.execPath, words, { stdio: 'ignore' })
    await new Promise((resolve) => child.once('exit', resolve))
    return performance.now() - began
  }

  async endAll() {
    const ends = [...this.#children].map((child) => new Promise((resolve) => child.once('exit', resolve)))
    for (const child of this.#children) child.kill('SIGTERM')
    const late = setTimeout(() => this.killAll(), 20_000)
    await Promise.all(ends)
    clearTimeout(late)
  }

  killAll() {
    for (const child of this.#children) child.kill('SIGKILL')
  }
}
