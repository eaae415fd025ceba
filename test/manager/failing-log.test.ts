// Controllers whose writes the log does not take: nothing of them has happened, and they come back to it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { defineController, onSelf, type WorkKey } from '../../src/machinery/index.js'
import { type ConfigMap, configMap, secret } from '../../src/resources/index.js'
import { openTestCluster } from '../support/cluster.js'
import { type Failure, refuseRows } from '../support/failing-file.js'

const folder = mkdtempSync(join(tmpdir(), 'kubedouble-failing-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0

const begin = Date.parse('2026-11-22T11:05:39Z')
const mendedMillis = 60_000

/** A disk that takes no row of a kind until a minute has passed. */
function brokenFile(failure: Failure, condition: string): string {
  const path = join(folder, `log-${files++}.db`)
  refuseRows(path, failure, `NEW.time < ${begin + mendedMillis} AND ${condition}`)
  return path
}

const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

// It hears nothing of the secrets it makes: only what it looked at can bring it back.
const copier = defineController<ConfigMap>({
  name: 'copier',
  fieldManager: 'copier',
  watches: [onSelf(configMap)],
  observe: (key: WorkKey, snapshot) => (snapshot.get(secret, key) ? undefined : snapshot.get(configMap, key)),
  reconcile: ({ metadata: { name, namespace } }) => ({ writes: [{ verb: 'create', definition: secret, object: { metadata: { name, namespace } } }] }),
})

describe.each<Failure>(['at once', 'all', 'late'])('a log that fails %s', (failure) => {
  it('takes all of it when it is mended', async () => {
    const cluster = openTestCluster({ controllers: [copier], data: brokenFile(failure, "NEW.name = 'b' AND NEW.resource = 'v1/secrets'") })
    for (const name of ['a', 'b', 'c']) cluster.create('v1/configmaps', { metadata: { name } })
    const told: string[] = []
    cluster.realm.store.watch(({ stored }) => told.push(stored.name))
    const { revision } = cluster.realm.store
    await turns(5)
    // How much shares the fate of the refused row depends on how much fits a slice; told is what is kept, and nothing else.
    const kept = cluster.list('v1/secrets').map(({ metadata }) => metadata.name)
    expect(kept).not.toContain('b')
    // In the order of the rows, not of the names.
    expect([told.toSorted(), cluster.realm.store.revision]).toEqual([kept, revision + kept.length])
    expect(String(cluster.failures[0])).toContain('cannot be written')
    // They do not hammer on it.
    const failures = cluster.failures.length
    await turns(50)
    expect(cluster.failures.length).toBe(failures)
    for (let second = 0; second < 70; second++) {
      cluster.clock.advance(1000)
      await turns(3)
    }
    await cluster.settled()
    expect(cluster.failures.length).toBeLessThan(40)
    expect(cluster.list('v1/secrets').map(({ metadata }) => metadata.name)).toEqual(['a', 'b', 'c'])
    expect(told.sort()).toEqual(['a', 'b', 'c'])
    cluster.close()
  })

  it.each([2, 5, 11])('leaves a cluster that comes to rest as any other: one of %i rows is lost', async (one) => {
    const isOfControllers = "NEW.type = 2 OR NEW.resource IN ('v1/events', 'v1/endpoints', 'discovery.k8s.io/v1/endpointslices')"
    const cluster = openTestCluster({ nodes: 2, data: brokenFile(failure, `NEW.revision % ${one} = 0 AND (${isOfControllers})`) })
    const labels = { app: 'web' }
    cluster.create('v1/serviceaccounts', { metadata: { name: 'default' } })
    for (const name of ['web-1', 'web-2', 'web-3']) cluster.create('v1/pods', { metadata: { name, labels }, spec: { containers: [{ name: 'c', image: 'i' }] } })
    cluster.create('v1/services', { metadata: { name: 'web' }, spec: { selector: labels, ports: [{ port: 80 }] } })
    for (let second = 0; second < 120; second++) {
      cluster.clock.advance(1000)
      await turns(6)
    }
    await cluster.settled()
    expect(cluster.list('v1/pods').map(({ status }) => status.phase)).toEqual(['Running', 'Running', 'Running'])
    const [slice] = cluster.list('discovery.k8s.io/v1/endpointslices')
    expect(slice.endpoints).toHaveLength(3)
    expect(cluster.replan()).toEqual([])
    cluster.close()
  })
})
