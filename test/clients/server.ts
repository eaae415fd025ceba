// A kubedouble for one client program: the built command, with its state in a file, so that it can be restarted under the client.
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { command, type Ready, readyOf, spawnServer } from '../support/built-server.js'

export class ClientServer {
  readonly kubeconfig: string
  readonly #folder: string
  #child?: ChildProcess
  #ports: readonly string[] = ['--secure-port', '0', '--insecure-port', '0']

  /** @param folder where state, certificates and kubeconfig go */
  constructor(folder: string) {
    this.#folder = folder
    this.kubeconfig = join(folder, 'kubeconfig')
  }

  async start(): Promise<void> {
    const { https, http } = await this.#spawn([...this.#ports, '--kubeconfig', this.kubeconfig])
    // The next start is at the same addresses.
    this.#ports = ['--secure-port', new URL(https).port, '--insecure-port', new URL(http).port]
  }

  async stop(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
  }

  /** @param expires whether everything before is too old to watch from afterwards */
  async restart({ expires }: { expires: boolean }): Promise<void> {
    await this.stop()
    if (expires) {
      // At other ports, so that no client sees it.
      const { http } = await this.#spawn([
        '--secure-port',
        '0',
        '--insecure-port',
        '0',
        '--kubeconfig',
        `${this.kubeconfig}-aside`,
        '--etcd-compaction-interval',
        '1ms',
      ])
      await forgetThePast(http)
      await this.stop()
    }
    await this.start()
  }

  async #spawn(flags: readonly string[]): Promise<Ready> {
    const own = ['--data', join(this.#folder, 'data.db'), '--cert-dir', join(this.#folder, 'certificates'), '--grpc-port', 'off']
    const words = [process.execPath, command, ...own, ...flags, '--output', 'json', '--log-level', 'error']
    this.#child = spawnServer(words, { stdio: ['ignore', 'pipe', 'inherit'] })
    return readyOf(this.#child)
  }
}

/** Compaction rides on writes, so there must be some: each takes a few of what is too old. */
async function forgetThePast(http: string): Promise<void> {
  const configMaps = `${http}/api/v1/namespaces/kube-system/configmaps`
  const revision = async () =>
    Number(((await (await fetch(`${configMaps}?limit=1`)).json()) as { metadata: { resourceVersion: string } }).metadata.resourceVersion)
  const write = (method: string, url: string, body: unknown, type = 'application/json') =>
    fetch(url, { method, headers: { 'content-type': type }, body: JSON.stringify(body) }).then((answer) => answer.arrayBuffer())
  const last = await revision()
  const name = 'the-past-is-forgotten'
  await write('POST', configMaps, { metadata: { name } })
  const writesMax = last + 100
  for (let count = 1; count <= writesMax; count++) {
    await write('PATCH', `${configMaps}/${name}`, { data: { count: String(count) } }, 'application/merge-patch+json')
    if (count % Math.ceil(writesMax / 3) === 0 && (await isForgotten(`${configMaps}?watch=1&timeoutSeconds=1&resourceVersion=${last}`))) {
      await write('DELETE', `${configMaps}/${name}`, {})
      return
    }
  }
  throw new Error(`a watch from revision ${last} is not too late after ${writesMax} writes`)
}

async function isForgotten(watch: string): Promise<boolean> {
  return (await (await fetch(watch)).text()).includes('"Expired"')
}
