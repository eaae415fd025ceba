// A seeded cluster repeats itself: what is made gets the same uids, names, addresses and ports in every run.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startKubedouble } from '../../src/index.js'
import type { Plain } from '../../src/machinery/index.js'
import { openTestCluster } from '../support/cluster.js'

const folder = mkdtempSync(join(tmpdir(), 'kubedouble-seed-'))
const cache = process.env.XDG_CACHE_HOME
beforeAll(() => {
  process.env.XDG_CACHE_HOME = folder
})
afterAll(() => {
  process.env.XDG_CACHE_HOME = cache
  if (cache === undefined) delete process.env.XDG_CACHE_HOME
  rmSync(folder, { recursive: true })
})

const pod = { metadata: { generateName: 'web-', labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
const service = { metadata: { generateName: 'web-' }, spec: { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80 }] } }
const replicaSet = {
  metadata: { name: 'set' },
  spec: { replicas: 3, selector: { matchLabels: { app: 'set' } }, template: { ...pod, metadata: { labels: { app: 'set' } } } },
}

/** What a story leaves, without versions. @param pause what happens between two requests */
async function tell(pause: (cluster: ReturnType<typeof openTestCluster>) => Promise<void>): Promise<unknown> {
  const cluster = openTestCluster({ nodes: 2 })
  await cluster.settled()
  for (let round = 0; round < 4; round++) {
    cluster.create('v1/pods', pod)
    await pause(cluster)
    cluster.create('v1/services', service)
    if (round === 1) cluster.create('apps/v1/replicasets', replicaSet)
    await pause(cluster)
  }
  await cluster.settled()
  const identity = ({ metadata, spec }: Plain) => [metadata.name, metadata.uid, spec?.clusterIP, spec?.ports]
  const found = ['v1/pods', 'v1/services', 'apps/v1/replicasets', 'discovery.k8s.io/v1/endpointslices'].map((key) => cluster.list(key).map(identity))
  cluster.close()
  return found
}

it('what is made does not depend on how far controllers have come', async () => {
  const patient = await tell((cluster) => cluster.settled())
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
  expect(await tell(turn)).toEqual(patient)
  expect(await tell(async () => {})).toEqual(patient)
})

const options = { securePort: 'off', grpcPort: 'off', nodes: 1, logLevel: 'silent' } as const

async function namespacesOf(http: string | undefined): Promise<string[]> {
  const answer = await fetch(`${http}/api/v1/namespaces`)
  return ((await answer.json()) as Plain).items.map(({ metadata }: Plain) => `${metadata.name} ${metadata.uid}`)
}

async function makeNamespace(http: string | undefined, name: string): Promise<string> {
  const answer = await fetch(`${http}/api/v1/namespaces`, {
    method: 'POST',
    body: JSON.stringify({ metadata: { name } }),
    headers: { 'content-type': 'application/json' },
  })
  return ((await answer.json()) as Plain).metadata.uid
}

it('two runs are alike, another seed is not, and a file that is opened again gives out no uid twice', async () => {
  const run = async (seed: string, data = ':memory:') => {
    const server = await startKubedouble({ ...options, seed, data })
    const made = await makeNamespace(server.http, 'x')
    const all = await namespacesOf(server.http)
    const remove = () => fetch(`${server.http}/api/v1/namespaces/x`, { method: 'DELETE' })
    await remove()
    await server.settled()
    await server.close()
    return { made, all }
  }
  const data = join(folder, 'state.db')
  const first = await run('a', data)
  expect(await run('a')).toEqual(first)
  expect((await run('b')).made).not.toBe(first.made)
  const again = await run('a', data)
  expect(again.all.filter((each) => !each.startsWith('x '))).toEqual(first.all.filter((each) => !each.startsWith('x ')))
  expect(first.all.map((each) => each.split(' ')[1])).not.toContain(again.made)
})
