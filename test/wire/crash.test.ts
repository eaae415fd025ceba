// What a client was told is done is in the file when the process is killed.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Plain } from '../../src/machinery/index.js'

const top = join(import.meta.dirname, '..', '..')
const scratch = mkdtempSync(join(tmpdir(), 'kubedouble-crash-'))
const children: ChildProcess[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(scratch, { recursive: true })
})

async function start(data: string) {
  const words = [
    '--secure-port',
    'off',
    '--insecure-port',
    '0',
    '--grpc-port',
    'off',
    '--data',
    data,
    '--output',
    'json',
    '--log-level',
    'error',
    '--nodes',
    '1',
  ]
  const child = spawn(process.execPath, [join(top, 'dist', 'kubedouble.js'), ...words], {
    env: { ...process.env, XDG_CACHE_HOME: scratch },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (chunk) => resolve(String(chunk)))
    child.once('exit', (code) => reject(new Error(`ended with ${code}`)))
  })
  const { http } = JSON.parse(line) as { http: string }
  const end = (signal: 'SIGKILL' | 'SIGTERM') => new Promise((resolve) => child.once('exit', resolve) && child.kill(signal))
  return { configMaps: `${http}/api/v1/namespaces/default/configmaps`, http, end }
}

interface Acknowledged {
  resourceVersion: string
  value: string
}

/** Creates, changes and deletes until the server is gone. @returns what the server acknowledged last of every object */
async function writeUntilKilled(configMaps: string, prefix: string, kill: () => void): Promise<Map<string, Acknowledged | 'deleted' | 'unknown'>> {
  const acknowledged = new Map<string, Acknowledged | 'deleted' | 'unknown'>()
  let count = 0
  const send = async (name: string, method: string, url: string, body?: object) => {
    // Until it is answered, either state may be found.
    acknowledged.set(name, 'unknown')
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
    const answer = await fetch(url, { method, headers: { 'content-type': type }, body: body && JSON.stringify(body) })
    const object = (await answer.json()) as { metadata: { resourceVersion: string }; data?: { value: string } }
    expect(answer.ok).toBe(true)
    if (method === 'DELETE') acknowledged.set(name, 'deleted')
    else acknowledged.set(name, { resourceVersion: object.metadata.resourceVersion, value: object.data?.value as string })
    if (++count === 150) kill()
  }
  const writer = async (index: number) => {
    for (let turn = 0; turn < 10_000; turn++) {
      const name = `${prefix}-${index}-${turn}`
      await send(name, 'POST', configMaps, { metadata: { name }, data: { value: 'new' } })
      if (turn % 2) await send(name, 'PATCH', `${configMaps}/${name}`, { data: { value: 'changed' } })
      if (turn % 3 === 0) await send(name, 'DELETE', `${configMaps}/${name}`)
    }
  }
  const outcomes = await Promise.allSettled([0, 1, 2, 3].map(writer))
  for (const outcome of outcomes) expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'TypeError' } })
  return acknowledged
}

describe('a server that is killed while it writes', () => {
  it('has all it acknowledged when it starts again, and goes on from there', async () => {
    const data = join(scratch, 'state.db')
    const all = new Map<string, Acknowledged | 'deleted' | 'unknown'>()
    let first = ''
    for (const round of [1, 2, 3]) {
      const server = await start(data)
      const acknowledged = await writeUntilKilled(server.configMaps, `round-${round}`, () => void server.end('SIGKILL'))
      for (const [name, state] of acknowledged) all.set(name, state)
      const known = [...acknowledged.values()].filter((state): state is Acknowledged => typeof state === 'object')
      expect(known.length).toBeGreaterThan(20)
      first ||= known[0].resourceVersion
    }
    const server = await start(data)
    const list = (await (await fetch(server.configMaps)).json()) as {
      metadata: { resourceVersion: string }
      items: { metadata: { name: string; resourceVersion: string }; data: { value: string } }[]
    }
    const found = new Map(list.items.map(({ metadata, data }) => [metadata.name, { resourceVersion: metadata.resourceVersion, value: data?.value }]))
    for (const [name, state] of all) {
      if (state === 'deleted') expect(found.has(name), name).toBe(false)
      else if (state !== 'unknown') expect(found.get(name), name).toEqual(state)
    }
    for (const { metadata } of list.items) expect(Number(metadata.resourceVersion)).toBeLessThanOrEqual(Number(list.metadata.resourceVersion))
    // A watch from before the first crash sees everything since.
    const watched = await (await fetch(`${server.configMaps}?watch=1&resourceVersion=${first}&timeoutSeconds=1`)).text()
    const events = watched
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; object: { metadata: { name: string } } })
    expect(events.map(({ type }) => type)).not.toContain('ERROR')
    expect(new Set(events.map(({ object }) => object.metadata.name.slice(0, 7)))).toEqual(
      new Set(['round-1', 'round-2', 'round-3', ...(events.some(({ object }) => object.metadata.name.startsWith('kube-ro')) ? ['kube-ro'] : [])]),
    )
    await server.end('SIGTERM')
  }, 60_000)

  it('goes on with what its controllers were in the middle of', async () => {
    const data = join(scratch, 'work.db')
    const labels = { app: 'web' }
    const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } }
    const send = async (http: string, method: string, path: string, body?: object) =>
      (await fetch(`${http}${path}`, { method, headers: { 'content-type': 'application/json' }, body: body && JSON.stringify(body) })).json() as Promise<Plain>
    const replicaSets = '/apis/apps/v1/namespaces/default/replicasets'
    let server = await start(data)
    await send(server.http, 'POST', '/api/v1/namespaces/default/services', { metadata: { name: 'web' }, spec: { selector: labels, ports: [{ port: 80 }] } })
    await send(server.http, 'POST', replicaSets, { metadata: { name: 'web' }, spec: { replicas: 0, selector: { matchLabels: labels }, template } })
    for (const [replicas, pause] of [
      [20, 0],
      [40, 5],
      [60, 20],
    ]) {
      const found = await send(server.http, 'GET', `${replicaSets}/web`)
      await send(server.http, 'PUT', `${replicaSets}/web`, { ...found, spec: { ...found.spec, replicas } })
      await new Promise((resolve) => setTimeout(resolve, pause))
      await server.end('SIGKILL')
      server = await start(data)
      const { status } = await send(server.http, 'GET', `${replicaSets}/web`)
      expect(status).toMatchObject({ replicas, readyReplicas: replicas })
    }
    const { items } = await send(server.http, 'GET', '/api/v1/namespaces/default/pods')
    const addresses = items.map((pod: Plain) => pod.status.podIP).sort()
    expect(new Set(addresses).size).toBe(60)
    const slices = await send(server.http, 'GET', '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io/service-name=web')
    expect(slices.items.flatMap(({ endpoints }: Plain) => endpoints.flatMap((endpoint: Plain) => endpoint.addresses)).sort()).toEqual(addresses)
    await server.end('SIGTERM')
  }, 60_000)
})
