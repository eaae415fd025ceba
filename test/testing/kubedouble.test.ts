// The library: clusters in the process of a test, each on its own.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ManualClock } from '../../src/cluster/manual-clock.js'
import { type Kubedouble, StartProblem, startKubedouble } from '../../src/index.js'
import type { Plain } from '../../src/machinery/index.js'

const folder = mkdtempSync(join(tmpdir(), 'kubedouble-library-'))
const cache = process.env.XDG_CACHE_HOME
beforeAll(() => {
  process.env.XDG_CACHE_HOME = folder
})
afterAll(() => {
  process.env.XDG_CACHE_HOME = cache
  if (cache === undefined) delete process.env.XDG_CACHE_HOME
  rmSync(folder, { recursive: true })
})

const namespaces = '/api/v1/namespaces'

async function ask({ http }: Kubedouble, method: string, path: string, body?: Plain): Promise<{ status: number; json: Plain }> {
  const answer = await fetch(`${http}${path}`, { method, headers: { 'content-type': 'application/json' }, body: body && JSON.stringify(body) })
  return { status: answer.status, json: (await answer.json()) as Plain }
}

it('forgets what has happened after the interval it was told', async () => {
  const cluster = await startKubedouble({ nodes: 0, etcdCompactionInterval: '1ms' })
  // Compaction rides on writes.
  for (let count = 0; count < 5; count++) {
    expect((await ask(cluster, 'POST', '/api/v1/namespaces/default/configmaps', { metadata: { generateName: 'one-' } })).status).toBe(201)
  }
  const answer = await (await fetch(`${cluster.http}${namespaces}?watch=1&timeoutSeconds=1&resourceVersion=1`)).text()
  expect(answer).toMatch(/"too old resource version: 1 \(\d+\)","reason":"Expired","code":410/)
  await cluster.close()
})

describe('two clusters of one process', () => {
  it('share nothing', async () => {
    const [one, other] = await Promise.all([startKubedouble({ nodes: 1 }), startKubedouble({ nodes: 2 })])
    expect(new Set([one.http, one.https, one.grpc, other.http, other.https, other.grpc]).size).toBe(6)
    expect(one.kubeconfig).not.toBe(other.kubeconfig)
    expect(readFileSync(one.kubeconfig, 'utf8')).toContain(`server: ${one.https}\n`)
    const watch = await fetch(
      `${other.http}${namespaces}?watch=1&timeoutSeconds=1&resourceVersion=${(await ask(other, 'GET', namespaces)).json.metadata.resourceVersion}`,
    )
    expect((await ask(one, 'POST', namespaces, { metadata: { name: 'here' } })).status).toBe(201)
    await one.settled()
    expect((await ask(one, 'GET', `${namespaces}/here/serviceaccounts/default`)).status).toBe(200)
    expect((await ask(other, 'GET', `${namespaces}/here`)).status).toBe(404)
    expect(await watch.text()).toBe('')
    expect((await ask(other, 'GET', '/api/v1/nodes')).json.items).toHaveLength(2)
    const posts = async ({ http }: Kubedouble) => /apiserver_request_total\{[^}]*verb="POST"/.test(await (await fetch(`${http}/metrics`)).text())
    expect([await posts(one), await posts(other)]).toEqual([true, false])
    await one.close()
    expect(existsSync(one.kubeconfig)).toBe(false)
    expect((await ask(other, 'GET', namespaces)).status).toBe(200)
    await other.close()
    await other.close()
  })

  it('do not open one file', async () => {
    const data = join(folder, 'one.db')
    const first = await startKubedouble({ data, nodes: 0 })
    const second = await startKubedouble({ data, nodes: 0 }).catch((error: Error) => error)
    expect(second).toMatchObject({ message: expect.stringContaining('is in use by another process') })
    await first.close()
    const third = await startKubedouble({ data, nodes: 0 })
    await third.close()
  })
})

it('a mistake in the options is told as on the command line', async () => {
  const refusal = await startKubedouble({ nodes: -1 }).catch((error: Error) => error)
  expect(refusal).toBeInstanceOf(StartProblem)
  expect(refusal).toMatchObject({ message: expect.stringContaining('--nodes: -1 is out of range') })
})

it('a cluster in which nothing happens writes nothing', async () => {
  const clock = new ManualClock()
  const cluster = await startKubedouble({ clock, nodes: 3 })
  await ask(cluster, 'POST', '/api/v1/namespaces/default/pods', { metadata: { name: 'web' }, spec: { containers: [{ name: 'c', image: 'i' }] } })
  const version = async () => (await ask(cluster, 'GET', namespaces)).json.metadata.resourceVersion
  for (let minute = 0; minute < 2; minute++) {
    clock.advance(60_000)
    await cluster.settled()
  }
  const before = await version()
  for (let minute = 0; minute < 30; minute++) {
    clock.advance(60_000)
    await cluster.settled()
  }
  expect(await version()).toBe(before)
  await cluster.close()
})
