// Objects: typed calls, lists, conflicts, patches, apply, deletion, errors.
import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import {
  AuthorizationV1Api,
  AutoscalingV2Api,
  BatchV1Api,
  DiscoveryV1Api,
  type KubernetesObject,
  KubernetesObjectApi,
  Log,
  PatchStrategy,
  type V1ConfigMap,
  VersionApi,
} from '@kubernetes/client-node'
import { check, until } from '../story.js'
import { apps, asPatch, config, core, deploymentNamed, isGone, namespace, podNamed, refusal } from './cluster.js'

export async function tellOfObjects(): Promise<void> {
  await beginnings()
  await lists()
  await refusals()
  await patches()
  await apply()
  await workloads()
  await subresources()
}

async function beginnings(): Promise<void> {
  await check('asks for the version', async () => assert.match((await config.makeApiClient(VersionApi).getCode()).gitVersion, /^v1\.35\./))

  await check('asks what it may do', async () => {
    const spec = { resourceAttributes: { verb: 'create', resource: 'pods', namespace } }
    const review = await config.makeApiClient(AuthorizationV1Api).createSelfSubjectAccessReview({ body: { spec } })
    assert.equal(review.status?.allowed, true)
  })

  await check('reads times as dates', async () => {
    const [node] = (await core.listNode()).items
    assert.equal(node.metadata?.name, 'node-0')
    assert.ok(node.metadata?.creationTimestamp instanceof Date)
  })

  await check('creates, reads, replaces and deletes a ConfigMap', async () => {
    const made = await core.createNamespacedConfigMap({ namespace, body: { metadata: { generateName: 'settings-' }, data: { one: '1' } } })
    const name = made.metadata?.name as string
    assert.match(name, /^settings-[a-z0-9]{5}$/)
    assert.deepEqual((await core.readNamespacedConfigMap({ namespace, name })).data, { one: '1' })
    assert.deepEqual((await core.replaceNamespacedConfigMap({ namespace, name, body: { ...made, data: { one: '2' } } })).data, { one: '2' })
    assert.equal((await core.deleteNamespacedConfigMap({ namespace, name })).status, 'Success')
    assert.equal(await isGone(core.readNamespacedConfigMap({ namespace, name })), true)
  })

  await check('handles objects of any kind by their names alone', async () => {
    const objects = KubernetesObjectApi.makeApiClient(config)
    const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'once', namespace } }
    const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox' }] } }
    await objects.create({ ...job, spec: { template } } as KubernetesObject)
    assert.equal((await objects.read(job)).metadata?.name, 'once')
    assert.equal((await config.makeApiClient(BatchV1Api).readNamespacedJob({ namespace, name: 'once' })).spec?.completions, 1)
    await objects.delete(job)
  })
}

async function lists(): Promise<void> {
  const names = Array.from({ length: 7 }, (_, index) => `listed-${index}`)
  for (const [index, name] of names.entries()) {
    const labels = { set: 'listed', parity: index % 2 ? 'odd' : 'even' }
    await core.createNamespacedConfigMap({ namespace, body: { metadata: { name, labels } } })
  }
  const namesOf = (items: KubernetesObject[]) => items.map(({ metadata }) => metadata?.name)

  await check('lists by label', async () => {
    const { items } = await core.listNamespacedConfigMap({ namespace, labelSelector: 'set=listed,parity notin (odd)' })
    assert.deepEqual(namesOf(items), ['listed-0', 'listed-2', 'listed-4', 'listed-6'])
  })

  await check('lists by field', async () => {
    const { items } = await core.listNamespacedConfigMap({ namespace, fieldSelector: 'metadata.name=listed-3' })
    assert.deepEqual(namesOf(items), ['listed-3'])
  })

  await check('lists page by page, all of them as they were at first', async () => {
    const seen: (string | undefined)[] = []
    let page: string | undefined
    const left: (number | undefined)[] = []
    do {
      const { items, metadata } = await core.listNamespacedConfigMap({ namespace, labelSelector: 'set=listed', limit: 3, _continue: page })
      if (!page) await core.deleteNamespacedConfigMap({ namespace, name: 'listed-6' })
      seen.push(...namesOf(items))
      left.push(metadata?.remainingItemCount)
      page = metadata?._continue
    } while (page)
    assert.deepEqual(seen, names)
    // With a selector nobody counts what is left.
    assert.deepEqual(left, [undefined, undefined, undefined])
    assert.equal((await core.listNode({ limit: 2 })).metadata?.remainingItemCount, 1)
  })
}

async function refusals(): Promise<void> {
  await check('is told that an object exists already', async () => {
    const failure = await refusal(core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'listed-0' } } }))
    assert.deepEqual([failure.code, failure.reason, failure.message], [409, 'AlreadyExists', 'configmaps "listed-0" already exists'])
  })

  await check('is told that an object is not there', async () => {
    const failure = await refusal(core.readNamespacedService({ namespace, name: 'nowhere' }))
    assert.deepEqual([failure.code, failure.reason, failure.message], [404, 'NotFound', 'services "nowhere" not found'])
  })

  await check('is told which fields are invalid', async () => {
    const failure = await refusal(core.createNamespacedService({ namespace, body: { metadata: { name: 'Bad' }, spec: {} } }))
    assert.deepEqual([failure.code, failure.reason], [422, 'Invalid'])
    const fields = failure.details?.causes?.map(({ field }) => field)
    assert.deepEqual(fields?.filter((field) => field === 'metadata.name' || field === 'spec.ports').sort(), ['metadata.name', 'spec.ports'])
  })

  await check('updates again after a conflict', async () => {
    const old = await core.readNamespacedConfigMap({ namespace, name: 'listed-1' })
    await core.replaceNamespacedConfigMap({ namespace, name: 'listed-1', body: { ...old, data: { mine: 'no' } } })
    let body: V1ConfigMap = { ...old, data: { ...old.data, yours: 'yes' } }
    const failure = await refusal(core.replaceNamespacedConfigMap({ namespace, name: 'listed-1', body }))
    assert.deepEqual([failure.code, failure.reason], [409, 'Conflict'])
    const current = await core.readNamespacedConfigMap({ namespace, name: 'listed-1' })
    body = { ...current, data: { ...current.data, yours: 'yes' } }
    assert.deepEqual((await core.replaceNamespacedConfigMap({ namespace, name: 'listed-1', body })).data, { mine: 'no', yours: 'yes' })
  })
}

async function patches(): Promise<void> {
  const cases = [
    ['JSON', PatchStrategy.JsonPatch, [{ op: 'add', path: '/data/two', value: '2' }], { one: '1', two: '2' }],
    ['merge', PatchStrategy.MergePatch, { data: { one: null, two: '2' } }, { two: '2' }],
    ['strategic merge', PatchStrategy.StrategicMergePatch, { data: { two: '2' } }, { one: '1', two: '2' }],
  ] as const
  for (const [what, strategy, body, expected] of cases) {
    await check(`patches: ${what}`, async () => {
      const name = `patched-${what.replace(/ .*/, '').toLowerCase()}`
      await core.createNamespacedConfigMap({ namespace, body: { metadata: { name }, data: { one: '1' } } })
      assert.deepEqual((await core.patchNamespacedConfigMap({ namespace, name, body }, asPatch(strategy))).data, expected)
    })
  }

  await check('patches a list by its keys, strategically', async () => {
    await core.createNamespacedPod({ namespace, body: podNamed('patched') })
    const body = { spec: { containers: [{ name: 'main', image: 'nginx:2' }], tolerations: [{ key: 'one', operator: 'Exists' }] } }
    const { spec } = await core.patchNamespacedPod({ namespace, name: 'patched', body }, asPatch(PatchStrategy.StrategicMergePatch))
    assert.deepEqual(
      spec?.containers.map(({ name, image }) => [name, image]),
      [['main', 'nginx:2']],
    )
  })
}

async function apply(): Promise<void> {
  const applyAs = (fieldManager: string, word: string, force?: boolean) => {
    const body: V1ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'applied' }, data: { word } }
    return core.patchNamespacedConfigMap({ namespace, name: 'applied', fieldManager, force, body }, asPatch(PatchStrategy.ServerSideApply))
  }

  await check('applies, and is told who else holds a field', async () => {
    await applyAs('one', 'first')
    const failure = await refusal(applyAs('two', 'second'))
    assert.deepEqual([failure.code, failure.reason], [409, 'Conflict'])
    assert.deepEqual(failure.details?.causes, [{ field: '.data.word', message: 'conflict with "one"', reason: 'FieldManagerConflict' }])
  })

  await check('takes a field over when it insists', async () => {
    const taken = await applyAs('two', 'second', true)
    assert.deepEqual(taken.data, { word: 'second' })
    assert.deepEqual(
      taken.metadata?.managedFields?.map(({ manager, operation }) => [manager, operation]),
      [['two', 'Apply']],
    )
  })
}

async function workloads(): Promise<void> {
  await check('scales a Deployment, and the endpoints of its Service follow', async () => {
    await apps.createNamespacedDeployment({ namespace, body: deploymentNamed('scaled') })
    const service = { metadata: { name: 'scaled' }, spec: { selector: { app: 'scaled' }, ports: [{ port: 80 }] } }
    assert.match((await core.createNamespacedService({ namespace, body: service })).spec?.clusterIP as string, /^10\.96\./)
    const scale = { namespace, name: 'scaled' }
    assert.equal((await apps.readNamespacedDeploymentScale(scale)).spec?.replicas, 1)
    await apps.patchNamespacedDeploymentScale({ ...scale, body: { spec: { replicas: 4 } } }, asPatch(PatchStrategy.MergePatch))
    const status = async () => (await apps.readNamespacedDeploymentStatus({ namespace, name: 'scaled' })).status
    await until('four replicas are ready', async () => (await status())?.readyReplicas === 4)
    const labelSelector = 'kubernetes.io/service-name=scaled'
    const slices = async () => (await config.makeApiClient(DiscoveryV1Api).listNamespacedEndpointSlice({ namespace, labelSelector })).items
    await until('four endpoints', async () => (await slices())[0]?.endpoints?.filter(({ conditions }) => conditions?.ready).length === 4)
  })

  const ownersOf = async (name: string) =>
    (await apps.listNamespacedReplicaSet({ namespace, labelSelector: `app=${name}` })).items.map(({ metadata }) => metadata?.ownerReferences?.[0]?.kind)
  const begin = async (name: string) => {
    await apps.createNamespacedDeployment({ namespace, body: deploymentNamed(name) })
    await until('its ReplicaSet', async () => (await ownersOf(name)).length === 1)
  }

  await check('deletes in the background: what is owned goes afterwards', async () => {
    await begin('background')
    await apps.deleteNamespacedDeployment({ namespace, name: 'background', propagationPolicy: 'Background' })
    assert.equal(await isGone(apps.readNamespacedDeployment({ namespace, name: 'background' })), true)
    await until('its ReplicaSet is gone', async () => (await ownersOf('background')).length === 0)
  })

  await check('deletes in the foreground: what is owned goes first', async () => {
    await begin('foreground')
    await apps.deleteNamespacedDeployment({ namespace, name: 'foreground', propagationPolicy: 'Foreground' })
    await until('the Deployment is gone', () => isGone(apps.readNamespacedDeployment({ namespace, name: 'foreground' })))
    assert.deepEqual(await ownersOf('foreground'), [])
  })

  await check('deletes and leaves orphans', async () => {
    await begin('orphan')
    await apps.deleteNamespacedDeployment({ namespace, name: 'orphan', propagationPolicy: 'Orphan' })
    await until('the Deployment is gone', () => isGone(apps.readNamespacedDeployment({ namespace, name: 'orphan' })))
    assert.deepEqual(await ownersOf('orphan'), [undefined])
  })
}

async function subresources(): Promise<void> {
  await check('reads and writes kinds that nobody acts on', async () => {
    const spec = { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'scaled', apiVersion: 'apps/v1' } }
    const body = { metadata: { name: 'kept' }, spec }
    const made = await config.makeApiClient(AutoscalingV2Api).createNamespacedHorizontalPodAutoscaler({ namespace, body })
    assert.deepEqual({ ...made.spec?.scaleTargetRef }, spec.scaleTargetRef)
  })

  await check('evicts a pod', async () => {
    await core.createNamespacedPod({ namespace, body: podNamed('evicted') })
    await core.createNamespacedPodEviction({ namespace, name: 'evicted', body: { metadata: { name: 'evicted' } } })
    await until('the pod is gone', () => isGone(core.readNamespacedPod({ namespace, name: 'evicted' })))
  })

  await check('makes a token', async () => {
    await until('the account', async () => !(await isGone(core.readNamespacedServiceAccount({ namespace, name: 'default' }))))
    const { status } = await core.createNamespacedServiceAccountToken({ namespace, name: 'default', body: { spec: { audiences: [] } } })
    assert.equal(status?.token.split('.').length, 3)
  })

  await check('finds no logs, since no container runs', async () => {
    await core.createNamespacedPod({ namespace, body: podNamed('silent') })
    assert.equal((await refusal(core.readNamespacedPodLog({ namespace, name: 'silent' }))).code, 404)
    await assert.rejects(new Log(config).log(namespace, 'silent', 'main', new Writable()), /404|not found|NotFound/i)
  })
}
