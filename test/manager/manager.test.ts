// The manager: controllers of a test, on a real registry.
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  type AdmissionStep,
  type Controller,
  defineController,
  nothing,
  on,
  onSelf,
  type Plan,
  type PlannedWrite,
  type WorkKey,
} from '../../src/machinery/index.js'
import { type ConfigMap, configMap, secret } from '../../src/resources/index.js'
import { StoredObject } from '../../src/storage/stored-object.js'
import { openTestCluster, type TestCluster } from '../support/cluster.js'

let cluster: TestCluster
afterEach(() => cluster.close())

const configMaps = 'v1/configmaps'

function controllerOf(name: string, reconcile: (object: ConfigMap) => Plan): Controller<ConfigMap> {
  return defineController<ConfigMap>({
    name,
    fieldManager: `${name}-manager`,
    watches: [onSelf(configMap)],
    observe: (key: WorkKey, snapshot) => snapshot.get(configMap, key),
    reconcile,
  })
}

const stamped = (object: ConfigMap, data: Record<string, string>): PlannedWrite => ({
  verb: 'update',
  definition: configMap,
  object: { ...object, data: { ...object.data, ...data } },
})

function start(...controllers: Controller[]): void {
  cluster = openTestCluster({ controllers })
}

/** Takes the time of a large object. */
function takeLong(): void {
  const end = performance.now() + 3
  while (performance.now() < end);
}

describe('the manager', () => {
  it('tells of what the quick have written before the slow have their turn', async () => {
    const happened: string[] = []
    start(
      controllerOf('quick', (object) => ({ writes: object.data?.quick === object.data?.round ? [] : [stamped(object, { quick: object.data?.round ?? '' })] })),
      controllerOf('slow', (object) => {
        happened.push(`slow looks at ${object.data?.quick}`)
        takeLong()
        return nothing
      }),
    )
    cluster.create(configMaps, { metadata: { name: 'a' }, data: { round: '1' } })
    await cluster.settled()
    cluster.realm.store.watch(({ stored }) => void happened.push(`told of ${(stored.object as ConfigMap).data?.quick}`))
    happened.length = 0
    cluster.change(configMaps, 'a', (object) => {
      object.data.round = '2'
    })
    await cluster.settled()
    expect(happened.indexOf('told of 2')).toBeLessThan(happened.indexOf('slow looks at 2'))
    expect(happened).toContain('slow looks at 2')
  })

  it('performs what a controller plans, in its name, until it plans nothing', async () => {
    start(controllerOf('stamper', (object) => ({ writes: object.data?.stamp ? [] : [stamped(object, { stamp: 'yes' })] })))
    cluster.create(configMaps, { metadata: { name: 'a' }, data: { given: 'before' } })
    expect(cluster.manager.isSettled).toBe(false)
    await cluster.settled()
    const written = cluster.get<ConfigMap>(configMaps, 'a') as ConfigMap
    expect(written.data).toEqual({ given: 'before', stamp: 'yes' })
    expect(written.metadata.managedFields?.map(({ manager }) => manager)).toContain('stamper-manager')
  })

  it('looks at what was there before it started', async () => {
    const seen: string[] = []
    start(
      controllerOf('looker', (object) => {
        seen.push(object.metadata.name as string)
        return nothing
      }),
    )
    cluster.close()
    cluster.create(configMaps, { metadata: { name: 'early' } })
    cluster.manager.start()
    await cluster.settled()
    expect(seen).toEqual(['early'])
  })

  it('has read all that was there before a controller can ask for an index over it', async () => {
    const read = vi.spyOn(StoredObject.prototype, 'object', 'get')
    try {
      let before: number | undefined
      const asks = on(configMap, () => {
        before ??= new Set(read.mock.contexts.map((stored) => (stored as StoredObject).path).filter((path) => path.includes('/early-'))).size
        return []
      })
      start({ ...controllerOf('looker', () => nothing), watches: [asks] } as Controller)
      cluster.close()
      for (let index = 0; index < 100; index++) cluster.create(configMaps, { metadata: { name: `early-${index}` } })
      read.mockClear()
      cluster.manager.start()
      await cluster.settled()
      expect(before).toBe(100)
    } finally {
      read.mockRestore()
    }
  })

  it('does nothing in the turn of the write itself', () => {
    let looks = 0
    start(
      controllerOf('looker', () => {
        looks++
        return nothing
      }),
    )
    cluster.create(configMaps, { metadata: { name: 'a' } })
    expect(looks).toBe(0)
  })

  it('tries again, later and later, when a controller throws, and lets the others go on', async () => {
    let attempts = 0
    start(
      controllerOf('thrower', () => {
        attempts++
        throw new Error('cannot')
      }),
      controllerOf('stamper', (object) => ({ writes: object.data ? [] : [stamped(object, { stamp: 'yes' })] })),
    )
    cluster.create(configMaps, { metadata: { name: 'a' } })
    await cluster.settled()
    expect(cluster.get<ConfigMap>(configMaps, 'a')?.data).toEqual({ stamp: 'yes' })
    const before = attempts
    await cluster.advance(100)
    expect(attempts).toBeGreaterThan(before)
    expect(attempts).toBeLessThan(before + 8)
    expect(cluster.failures.length).toBe(attempts)
  })

  it('lets one key that fails stand in nobody’s way', async () => {
    const seen = new Set<string>()
    start(
      controllerOf('chooser', ({ metadata: { name = '' } }) => {
        if (name === 'bad') throw new Error('cannot')
        seen.add(name)
        return { writes: [] }
      }),
    )
    for (const name of ['bad', 'good', 'better']) cluster.create(configMaps, { metadata: { name } })
    await cluster.settled()
    expect([...seen]).toEqual(['good', 'better'])
  })

  it('counts a refusal as a failure', async () => {
    start(controllerOf('offender', (object) => ({ writes: [{ verb: 'update', definition: configMap, object: { ...object, data: { 'bad key': '' } } }] })))
    cluster.create(configMaps, { metadata: { name: 'a' } })
    await cluster.settled()
    expect(String(cluster.failures[0])).toContain('a valid config key')
  })

  it('takes a conflict for news: the key comes again, on what is there now', async () => {
    const versions: string[] = []
    let stale: ConfigMap | undefined
    start(
      controllerOf('slow', (object) => {
        versions.push(object.data?.round ?? '0')
        stale ??= object
        const first = versions.length === 1
        // The second write rests on what the first has replaced.
        return { writes: first ? [stamped(object, { round: '1' }), stamped(stale, { round: '2' })] : [] }
      }),
    )
    cluster.create(configMaps, { metadata: { name: 'a' } })
    await cluster.settled()
    expect(versions.at(-1)).toBe('1')
    expect(cluster.failures).toEqual([])
    expect(cluster.get<ConfigMap>(configMaps, 'a')?.data).toEqual({ round: '1' })
  })

  it('does not mind that what it deletes is gone', async () => {
    start(
      controllerOf('remover', (object) => ({
        writes: [
          { verb: 'delete', definition: secret, key: { namespace: 'default', name: 'absent' } },
          ...(object.data ? [] : [stamped(object, { went: 'on' })]),
        ],
      })),
    )
    cluster.create(configMaps, { metadata: { name: 'a' } })
    await cluster.settled()
    expect(cluster.get<ConfigMap>(configMaps, 'a')?.data).toEqual({ went: 'on' })
    expect(cluster.failures).toEqual([])
  })

  it('comes back to a key when it was told to, and is settled until then', async () => {
    let looks = 0
    start(
      controllerOf('waiter', () => {
        looks++
        return looks === 1 ? { writes: [], requeueAfterMillis: 60_000 } : nothing
      }),
    )
    cluster.create(configMaps, { metadata: { name: 'a' } })
    await cluster.settled()
    await cluster.advance(59_999)
    expect(looks).toBe(1)
    await cluster.advance(1)
    expect(looks).toBe(2)
    expect(cluster.clock.nextDue).toBeUndefined()
  })

  it('works on one controller after the other, so that many changes are one look', async () => {
    let looks = 0
    const counter = defineController<number>({
      name: 'counter',
      fieldManager: 'counter',
      watches: [{ definition: configMap, keys: () => [{ namespace: '', name: 'all' }] }],
      observe: (_key, snapshot) => snapshot.list(configMap).length,
      reconcile() {
        looks++
        return nothing
      },
    })
    start(counter)
    for (let index = 0; index < 500; index++) cluster.create(configMaps, { metadata: { name: `c-${index}` } })
    await cluster.settled()
    expect(looks).toBe(1)
  })

  it('leaves the event loop to others while it has much to do', async () => {
    start(
      controllerOf('busy', (object) => {
        const until = performance.now() + 2
        while (performance.now() < until);
        return { writes: object.data ? [] : [stamped(object, { stamp: 'yes' })] }
      }),
    )
    for (let index = 0; index < 30; index++) cluster.create(configMaps, { metadata: { name: `c-${index}` } })
    let turns = 0
    const count = () => {
      turns++
      if (!cluster.manager.isSettled) setImmediate(count)
    }
    setImmediate(count)
    await cluster.settled()
    expect(turns).toBeGreaterThan(10)
  })

  it('stops where it stands', async () => {
    let looks = 0
    start(
      controllerOf('looker', () => {
        looks++
        return nothing
      }),
    )
    cluster.create(configMaps, { metadata: { name: 'a' } })
    cluster.manager.stop()
    await cluster.settled()
    cluster.create(configMaps, { metadata: { name: 'b' } })
    await new Promise((resolve) => setImmediate(resolve))
    expect(looks).toBe(0)
  })

  it('writes in the name of a service account, or of whom the plan names', async () => {
    const users: string[] = []
    const watched = controllerOf('named', (object) => ({
      writes: object.data ? [] : [stamped(object, { a: 'b' })],
      username: object.metadata.name === 'node' ? 'system:node:node-0' : undefined,
    }))
    start(watched)
    const spy: AdmissionStep = {
      operations: ['UPDATE'],
      resources: [configMap.key],
      admit({ user }) {
        users.push(`${user.username} ${user.groups.join()}`)
        return undefined
      },
    }
    const steps = cluster.realm.admission as AdmissionStep[]
    steps.push(spy)
    for (const name of ['account', 'node']) cluster.create(configMaps, { metadata: { name } })
    await cluster.settled()
    expect(users).toEqual([
      'system:serviceaccount:kube-system:named system:serviceaccounts,system:serviceaccounts:kube-system,system:authenticated',
      'system:node:node-0 system:nodes,system:authenticated',
    ])
  })
})
