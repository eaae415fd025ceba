// Simulated nodes that are there from the start: as they would be had their kubelets written everything one by one.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type KubedoubleOptions, startKubedouble } from '../../src/index.js'
import type { Plain } from '../../src/machinery/index.js'

const folder = mkdtempSync(join(tmpdir(), 'kubedouble-nodes-'))
const cache = process.env.XDG_CACHE_HOME
beforeAll(() => {
  process.env.XDG_CACHE_HOME = folder
})
afterAll(() => {
  process.env.XDG_CACHE_HOME = cache
  if (cache === undefined) delete process.env.XDG_CACHE_HOME
  rmSync(folder, { recursive: true })
})

const own = { securePort: 'off', grpcPort: 'off', logLevel: 'silent' } as const

async function during<T>(options: Partial<KubedoubleOptions>, look: (ask: (method: string, path: string, body?: Plain) => Promise<Plain>) => Promise<T>) {
  const cluster = await startKubedouble({ ...own, ...options })
  try {
    return await look(async (method, path, body) => {
      const headers = { 'content-type': 'application/json' }
      const answer = (await (await fetch(`${cluster.http}${path}`, { method, headers, body: body && JSON.stringify(body) })).json()) as Plain
      await cluster.settled()
      return answer
    })
  } finally {
    await cluster.close()
  }
}

const named = ({ metadata }: Plain): string => metadata.name
const addressOf = ({ status }: Plain): string => status.addresses[0].address

it('are ready with their Leases, their events and all that is theirs', async () => {
  await during({ nodes: 300 }, async (ask) => {
    const { items: nodes } = await ask('GET', '/api/v1/nodes')
    const { items: leases } = await ask('GET', '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases')
    const { items: events } = await ask('GET', '/api/v1/namespaces/default/events?fieldSelector=involvedObject.name%3Dnode-7')
    expect(nodes.length).toBe(300)
    expect(nodes.every(({ status }: Plain) => status.conditions.some((each: Plain) => each.type === 'Ready' && each.status === 'True'))).toBe(true)
    for (const part of [addressOf, ({ spec }: Plain) => spec.podCIDR]) expect(new Set(nodes.map(part)).size).toBe(300)
    const seventh = nodes.find((each: Plain) => named(each) === 'node-7')
    expect([addressOf(seventh), seventh.spec.podCIDR]).toEqual(['172.18.0.9', '10.128.7.0/24'])
    expect(seventh.metadata.managedFields.map(({ manager, subresource }: Plain) => [manager, subresource])).toEqual([
      ['kubelet', undefined],
      ['kubelet', 'status'],
    ])
    expect(leases.map(({ spec }: Plain) => spec.holderIdentity)).toEqual(nodes.map(named))
    expect(leases.find((each: Plain) => named(each) === 'node-7').metadata.ownerReferences[0].uid).toBe(seventh.metadata.uid)
    expect(events.map(({ reason }: Plain) => reason)).toEqual([
      'Starting',
      'NodeHasSufficientMemory',
      'NodeHasNoDiskPressure',
      'NodeHasSufficientPID',
      'RegisteredNode',
      'NodeReady',
    ])
  })
})

it('say nothing when nobody plays their kubelets', async () => {
  await during({ nodes: 2, controllers: ['*', '-kubelet'] }, async (ask) => {
    const { items: nodes } = await ask('GET', '/api/v1/nodes')
    expect(nodes.map(({ spec, status }: Plain) => [spec.podCIDR, status.conditions])).toEqual([
      ['10.244.0.0/24', undefined],
      ['10.244.1.0/24', undefined],
    ])
  })
})

it('have their parts of the network that was told, but none of what Services have', async () => {
  const network = { clusterCIDR: '10.1.0.0/16,fd00:1::/56', nodeCIDRMaskSizeIPv4: 26, serviceClusterIPRange: '10.1.0.64/26' }
  await during({ nodes: 2, ...network }, async (ask) => {
    await ask('POST', '/api/v1/nodes', { metadata: { name: 'mine', annotations: { 'kubedouble.dev/simulated': 'true' } } })
    const { items: nodes } = await ask('GET', '/api/v1/nodes')
    expect(nodes.map((each: Plain) => [named(each), ...each.spec.podCIDRs, ...each.status.addresses.map(({ address }: Plain) => address)])).toEqual([
      ['mine', '10.1.0.192/26', 'fd00:1:0:2::/64', '172.18.0.4', 'fd00:172:18::4', 'mine'],
      ['node-0', '10.1.0.0/26', 'fd00:1::/64', '172.18.0.2', 'fd00:172:18::2', 'node-0'],
      ['node-1', '10.1.0.128/26', 'fd00:1:0:1::/64', '172.18.0.3', 'fd00:172:18::3', 'node-1'],
    ])
  })
})

it('that are more after a restart take what is free', async () => {
  const data = join(folder, 'state.db')
  await during({ nodes: 2, data }, (ask) => ask('POST', '/api/v1/nodes', { metadata: { name: 'mine', annotations: { 'kubedouble.dev/simulated': 'true' } } }))
  await during({ nodes: 4, data }, async (ask) => {
    const { items: nodes } = await ask('GET', '/api/v1/nodes')
    expect(nodes.map((each: Plain) => [named(each), each.spec.podCIDR, addressOf(each)])).toEqual([
      ['mine', '10.244.2.0/24', '172.18.0.4'],
      ['node-0', '10.244.0.0/24', '172.18.0.2'],
      ['node-1', '10.244.1.0/24', '172.18.0.3'],
      ['node-2', '10.244.3.0/24', '172.18.0.5'],
      ['node-3', '10.244.4.0/24', '172.18.0.6'],
    ])
    const { items: events } = await ask('GET', '/api/v1/namespaces/default/events?fieldSelector=involvedObject.name%3Dnode-0,reason%3DNodeReady')
    expect(events.length).toBe(1)
  })
})
