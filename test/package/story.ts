// What somebody does with the package: installs it where there is nothing, starts it, uses it over each wire, starts it again.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { toolPath } from '../support/tools.js'
import { must, run } from './command.js'
import { callGrpc } from './grpc-call.js'
import { InstalledServer } from './installed-server.js'
import type { Node } from './nodes.js'

export type Check = (name: string, claim: () => Promise<void> | void) => Promise<void>

const labels = { app: 'web' }
const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { selector: labels, ports: [{ port: 80 }] } }
const pod = (name: string) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, labels }, spec: { containers: [{ name: 'web', image: 'nginx' }] } })

/** @param folder empty. @returns what is worth writing down */
export async function tellStory(node: Node, { folder, tarball, check }: { folder: string; tarball: string; check: Check }): Promise<string[]> {
  const notes: string[] = []
  await install()
  const before = await firstRun()
  await secondRun(before)
  await asLibrary()
  return notes

  async function install(): Promise<void> {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
    const started = performance.now()
    await check('npm installs it into an empty folder', async () => {
      await must('npm', ['install', '--no-audit', '--no-fund', tarball], { cwd: folder, env: node.environment })
      expectEqual(await must(node.executable, ['--version'], { cwd: folder }), `v${node.release}\n`)
    })
    const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as { packages: Record<string, { hasInstallScript?: boolean }> }
    const packages = Object.entries(lock.packages).filter(([path]) => path !== '')
    notes.push(`installed in ${seconds(started)} s, ${packages.length} packages`)
    await check('only better-sqlite3 has an install script', () =>
      expectEqual(
        packages.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path),
        ['node_modules/better-sqlite3'],
      ),
    )
  }

  async function firstRun(): Promise<unknown> {
    const server = await InstalledServer.start(node, { folder, args: ['--data', 'state.db'] })
    notes.push(`ready in ${server.readyMillis.toFixed(0)} ms the first time`)
    const { http, grpc } = server.ready
    await check('a Service and its pods, created over REST, come to endpoints', async () => {
      await post(`${http}/api/v1/namespaces/default/services`, service)
      for (const name of ['web-1', 'web-2']) await post(`${http}/api/v1/namespaces/default/pods`, pod(name))
      await until(async () => (await endpointsOf(http)) === 2)
    })
    await check('kubectl gets them over HTTPS', async () => {
      const kubectl = (...words: string[]) => must(toolPath('kubectl'), words, { cwd: folder, env: { HOME: folder, KUBECONFIG: join(folder, 'kubeconfig') } })
      expectMatch(await kubectl('get', 'pods'), /^web-1 +1\/1 +Running .*\nweb-2 +1\/1 +Running /m)
      expectMatch(await kubectl('get', 'service', 'web'), /^web +ClusterIP +10\.96\./m)
    })
    await check('a gRPC client lists them', async () => expectMatch(await callGrpc(grpc, '/kubedouble.v1.Services/List'), /web/))
    await check('OpenAPI, metrics and YAML are there', async () => {
      for (const path of ['/openapi/v3', '/openapi/v2', '/metrics']) expectEqual((await fetch(http + path)).status, 200)
      const yaml = await fetch(`${http}/api/v1/namespaces/default`, { headers: { accept: 'application/yaml' } })
      expectMatch(await yaml.text(), /^kind: Namespace$/m)
    })
    const state = await stateOf(http)
    await checkEnd(server)
    return state
  }

  async function secondRun(before: unknown): Promise<void> {
    const compiled = readdirSync(join(folder, 'node_modules', 'kubedouble', 'dist')).filter((file) => file.endsWith('.cache'))
    await check('the first run has kept its compiled code', () => expectEqual(compiled, [`main.v${node.release}-${process.arch}.cache`]))
    const server = await InstalledServer.start(node, { folder, args: ['--data', 'state.db'] })
    notes.push(`${server.readyMillis.toFixed(0)} ms the second time`)
    await check('after a restart everything is as it was', async () => {
      expectEqual(await stateOf(server.ready.http), before)
      await until(async () => (await endpointsOf(server.ready.http)) === 2)
    })
    await checkEnd(server)
  }

  function checkEnd(server: InstalledServer): Promise<void> {
    return check('SIGTERM ends it within two seconds, and nobody was warned of anything', async () => {
      const { code, printed, millis } = await server.stop()
      expectEqual([code, printed, millis < 2000], [0, '', true])
    })
  }

  async function asLibrary(): Promise<void> {
    const body = 'const { http, close } = await startKubedouble({ nodes: 1 }); console.log((await fetch(http + "/readyz")).status); await close()'
    const programs = {
      'module.mjs': `import { startKubedouble } from 'kubedouble'\n${body}`,
      'script.cjs': `const { startKubedouble } = require('kubedouble'); (async () => { ${body} })()`,
    }
    for (const [file, text] of Object.entries(programs)) {
      writeFileSync(join(folder, file), text)
      await check(`${file} uses it as a library`, async () => {
        const { code, stdout, stderr } = await run(node.executable, [file], { cwd: folder, env: { HOME: folder } })
        expectEqual([code, stdout, stderr], [0, '200\n', ''])
      })
    }
  }
}

/** What must outlast a restart: of all Services and pods who they are and what is asked of them. */
async function stateOf(http: string): Promise<unknown> {
  const lists = await Promise.all(['services', 'pods'].map((kind) => get(`${http}/api/v1/${kind}`)))
  return lists.map(({ items }) => items.map(({ metadata: { name, uid }, spec }) => ({ name, uid, spec })))
}

async function endpointsOf(http: string): Promise<number> {
  const { items } = await get(`${http}/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io/service-name=web`)
  return items.flatMap(({ endpoints }) => endpoints ?? []).length
}

interface List {
  items: { metadata: { name: string; uid: string }; spec: unknown; endpoints?: unknown[] }[]
}

async function get(url: string): Promise<List> {
  const answer = await fetch(url)
  expectEqual(answer.status, 200)
  return (await answer.json()) as List
}

async function post(url: string, object: unknown): Promise<void> {
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify(object), headers: { 'content-type': 'application/json' } })
  if (answer.status !== 201) throw new Error(await answer.text())
}

/** Asks again and again, for half a minute. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000
  while (!(await condition())) if (performance.now() > deadline) throw new Error('it did not come to that in half a minute')
}

function expectEqual(actual: unknown, expected: unknown): void {
  const [one, other] = [actual, expected].map((value) => JSON.stringify(value))
  if (one !== other) throw new Error(`got ${one}\nin place of ${other}`)
}

function expectMatch(text: string, pattern: RegExp): void {
  if (!pattern.test(text)) throw new Error(`${pattern} does not match\n${text}`)
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(0)
}
