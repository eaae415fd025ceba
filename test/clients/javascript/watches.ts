// Watches and informers: resumed, told that they are too late, through a restart of the server.
import assert from 'node:assert/strict'
import { type Informer, type ListWatch, makeInformer, PatchStrategy, type V1ConfigMap, type V1Pod, Watch } from '@kubernetes/client-node'
import { check, checkWithControl, until, within } from '../story.js'
import { asPatch, config, core, namespace, podNamed } from './cluster.js'

type Seen = [type: string, name: string | undefined, version: string | undefined]

export async function tellOfWatches(): Promise<void> {
  await watches()
  await keepsUp()
  await survives()
}

const configMapPath = `/api/v1/namespaces/${namespace}/configmaps`
const makeConfigMap = (name: string, labels: Record<string, string> = {}) => core.createNamespacedConfigMap({ namespace, body: { metadata: { name, labels } } })
const versionNow = async () => (await core.listNamespacedConfigMap({ namespace, limit: 1 })).metadata?.resourceVersion

/** Events from a version on, until there are as many as wanted. */
async function eventsFrom(resourceVersion: string | undefined, count: number): Promise<Seen[]> {
  const seen: Seen[] = []
  let controller: AbortController | undefined
  const heard = new Promise<void>((resolve, reject) => {
    const hear = (type: string, object: V1ConfigMap) => {
      // Then the object is a Status.
      if (type === 'ERROR') return reject(object)
      seen.push([type, object.metadata?.name, object.metadata?.resourceVersion])
      if (seen.length === count) resolve()
    }
    const done = (error: unknown) => reject(error ?? new Error(`the watch has ended after ${JSON.stringify(seen)}`))
    new Watch(config).watch(configMapPath, { resourceVersion, timeoutSeconds: 20 }, hear, done).then((made) => {
      controller = made
    }, reject)
  })
  try {
    await within(60, heard)
  } finally {
    controller?.abort()
  }
  return seen
}

async function watches(): Promise<void> {
  await check('watches from a version on, and resumes where it ended', async () => {
    const before = await versionNow()
    await makeConfigMap('watched')
    await core.patchNamespacedConfigMap({ namespace, name: 'watched', body: { data: { one: '1' } } }, asPatch(PatchStrategy.MergePatch))
    const first = await eventsFrom(before, 1)
    assert.deepEqual(first[0].slice(0, 2), ['ADDED', 'watched'])
    await core.deleteNamespacedConfigMap({ namespace, name: 'watched' })
    const rest = await eventsFrom(first[0][2], 2)
    assert.deepEqual(
      rest.map(([type, name]) => [type, name]),
      [
        ['MODIFIED', 'watched'],
        ['DELETED', 'watched'],
      ],
    )
  })

  await check('watches a pod come to life and go', async () => {
    const { metadata } = await core.listNamespacedPod({ namespace })
    await core.createNamespacedPod({ namespace, body: podNamed('alive') })
    await until('the pod runs', async () => (await core.readNamespacedPod({ namespace, name: 'alive' })).status?.phase === 'Running')
    await core.deleteNamespacedPod({ namespace, name: 'alive', gracePeriodSeconds: 0 })
    const seen: [string, string | undefined][] = []
    const gone = new Promise<void>((resolve, reject) => {
      const selection = { resourceVersion: metadata?.resourceVersion, fieldSelector: 'metadata.name=alive', timeoutSeconds: 10 }
      const hear = (type: string, pod: V1Pod) => {
        seen.push([type, pod.status?.phase])
        if (type === 'DELETED') resolve()
      }
      new Watch(config).watch(`/api/v1/namespaces/${namespace}/pods`, selection, hear, reject).catch(reject)
    })
    await within(60, gone)
    assert.deepEqual(seen[0], ['ADDED', 'Pending'])
    assert.ok(seen.some(([type, phase]) => type === 'MODIFIED' && phase === 'Running'))
  })
}

async function keepsUp(): Promise<void> {
  await check('keeps an informer up to date', async () => {
    const labelSelector = 'app=informed'
    const informer = makeInformer(config, `/api/v1/namespaces/${namespace}/pods`, () => core.listNamespacedPod({ namespace, labelSelector }), labelSelector)
    const held = () => (informer as unknown as ListWatch<V1Pod>).list(namespace)
    await informer.start()
    await core.createNamespacedPod({ namespace, body: podNamed('first', { app: 'informed' }) })
    await core.createNamespacedPod({ namespace, body: podNamed('second', { app: 'informed' }) })
    await until('both run', () => held().length === 2 && held().every(({ status }) => status?.podIP?.startsWith('10.244.')))
    // A label that goes takes the pod out of what is watched.
    const body = { metadata: { labels: { app: null } } }
    await core.patchNamespacedPod({ namespace, name: 'second', body }, asPatch(PatchStrategy.MergePatch))
    await until('one is left', () => held().length === 1)
    assert.equal(held()[0].metadata?.name, 'first')
    await informer.stop()
  })
}

async function survives(): Promise<void> {
  const labelSelector = 'set=informed'
  const informer = makeInformer(config, configMapPath, () => core.listNamespacedConfigMap({ namespace, labelSelector }), labelSelector)
  const names = () => (informer as unknown as ListWatch<V1ConfigMap>).list(namespace).map(({ metadata }) => metadata?.name)
  const deleted: (string | undefined)[] = []
  informer.on('delete', ({ metadata }) => deleted.push(metadata?.name))
  const stop = restarts(informer)
  await makeConfigMap('kept', { set: 'informed' })
  await informer.start()

  await checkWithControl('keeps an informer through a restart of the server', async (restart) => {
    await until('it holds what there is', () => names().join() === 'kept')
    await restart()
    await makeConfigMap('after-restart', { set: 'informed' })
    await until('it holds what was made after the restart', () => names().sort().join() === 'after-restart,kept')
  })

  await checkWithControl('keeps an informer when the past is forgotten', async (restart) => {
    await core.deleteNamespacedConfigMap({ namespace, name: 'kept' })
    await restart('expire')
    await makeConfigMap('after-the-past', { set: 'informed' })
    await until('it holds what there is now', () => names().sort().join() === 'after-restart,after-the-past')
    assert.deepEqual(deleted, ['kept'])
  })
  stop()

  await checkWithControl('is told that a version is too old to watch from', async (restart) => {
    const old = await versionNow()
    await restart('expire')
    await assert.rejects(eventsFrom(old, 1), { code: 410, reason: 'Expired' })
  })
}

/** An informer that meets an error stands still: its owner starts it again. @returns what stops it for good */
function restarts(informer: Informer<V1ConfigMap>): () => void {
  let isStopped = false
  informer.on('error', () => {
    setTimeout(() => isStopped || informer.start().catch(() => {}), 100)
  })
  return () => {
    isStopped = true
    informer.stop()
  }
}
