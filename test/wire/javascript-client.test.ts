// The official JavaScript client: typed calls, patches, apply, watches and informers, over HTTPS with the certificate of the kubeconfig.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import {
  ApiException,
  AppsV1Api,
  AuthorizationV1Api,
  AutoscalingV2Api,
  BatchV1Api,
  CoreV1Api,
  DiscoveryV1Api,
  KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  type ListWatch,
  Log,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  type V1ConfigMap,
  type V1Pod,
  type V1Status,
  VersionApi,
  Watch,
} from '@kubernetes/client-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kubedouble, startKubedouble } from '../../src/index.js'

const scratch = mkdtempSync(join(tmpdir(), 'kubedouble-client-'))
const namespace = 'default'
const podNamed = (name: string, labels = {}): V1Pod => ({ metadata: { name, labels }, spec: { containers: [{ name: 'main', image: 'nginx' }] } })

describe('the JavaScript client', () => {
  let server: Kubedouble
  const config = new KubeConfig()
  let core: CoreV1Api

  beforeAll(async () => {
    server = await startKubedouble({ certDir: join(scratch, 'certificates'), kubeconfig: join(scratch, 'kubeconfig'), insecurePort: 'off' })
    config.loadFromFile(server.kubeconfig)
    core = config.makeApiClient(CoreV1Api)
  }, 60_000)
  afterAll(async () => {
    await server.close()
    rmSync(scratch, { recursive: true })
  })

  it('asks for the version, and what it may do', async () => {
    expect((await config.makeApiClient(VersionApi).getCode()).gitVersion).toMatch(/^v1\.35\./)
    const spec = { resourceAttributes: { verb: 'create', resource: 'pods', namespace } }
    const review = await config.makeApiClient(AuthorizationV1Api).createSelfSubjectAccessReview({ body: { spec } })
    expect(review.status?.allowed).toBe(true)
  })

  it('lists what a cluster begins with, as typed objects', async () => {
    const nodes = await core.listNode()
    expect(nodes.items.map((node) => node.metadata?.name)).toEqual(['node-0', 'node-1', 'node-2'])
    expect(nodes.items[0].metadata?.creationTimestamp).toBeInstanceOf(Date)
    expect((await core.listNamespace({ limit: 2 })).metadata).toMatchObject({ _continue: expect.any(String), remainingItemCount: expect.any(Number) })
  })

  it('creates, replaces, conflicts and deletes', async () => {
    const made = await core.createNamespacedConfigMap({ namespace, body: { metadata: { generateName: 'settings-' }, data: { one: '1' } } })
    const name = made.metadata?.name as string
    expect(name).toMatch(/^settings-[a-z0-9]{5}$/)
    const replaced = await core.replaceNamespacedConfigMap({ namespace, name, body: { ...made, data: { one: '2' } } })
    expect(replaced.data).toEqual({ one: '2' })
    const failure = await refusal(core.replaceNamespacedConfigMap({ namespace, name, body: { ...made, data: { one: '3' } } }))
    expect(failure).toMatchObject({ code: 409, reason: 'Conflict' })
    expect(await core.deleteNamespacedConfigMap({ namespace, name })).toMatchObject({ status: 'Success' })
    expect(await refusal(core.readNamespacedConfigMap({ namespace, name }))).toMatchObject({ code: 404, message: `configmaps "${name}" not found` })
  })

  it('is refused in words that it can read', async () => {
    const failure = await refusal(core.createNamespacedService({ namespace, body: { metadata: { name: 'Bad' }, spec: {} } }))
    expect(failure.details?.causes?.map((cause) => cause.field)).toEqual(expect.arrayContaining(['metadata.name', 'spec.ports']))
  })

  it.each([
    ['JSON', PatchStrategy.JsonPatch, [{ op: 'add', path: '/data/two', value: '2' }], { one: '1', two: '2' }],
    ['merge', PatchStrategy.MergePatch, { data: { one: null, two: '2' } }, { two: '2' }],
    ['strategic merge', PatchStrategy.StrategicMergePatch, { data: { two: '2' } }, { one: '1', two: '2' }],
  ])('patches: %s', async (_what, strategy, body, expected) => {
    const name = `patched-${strategy.split('/')[1].split('+')[0]}`
    await core.createNamespacedConfigMap({ namespace, body: { metadata: { name }, data: { one: '1' } } })
    const patched = await core.patchNamespacedConfigMap({ namespace, name, body }, setHeaderOptions('Content-Type', strategy))
    expect(patched.data).toEqual(expected)
  })

  it('applies, and is told of a conflict until it insists', async () => {
    const apply = (fieldManager: string, word: string, force?: boolean) => {
      const body: V1ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'applied' }, data: { word } }
      return core.patchNamespacedConfigMap(
        { namespace, name: 'applied', fieldManager, force, body },
        setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply),
      )
    }
    await apply('one', 'first')
    expect(await refusal(apply('two', 'second'))).toMatchObject({ code: 409, details: { causes: [{ field: '.data.word', message: 'conflict with "one"' }] } })
    const taken = await apply('two', 'second', true)
    expect(taken.metadata?.managedFields?.map(({ manager, operation }) => [manager, operation])).toEqual([['two', 'Apply']])
  })

  it('handles objects of any kind by their names alone', async () => {
    const objects = KubernetesObjectApi.makeApiClient(config)
    const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'once', namespace } }
    const container = { name: 'main', image: 'busybox' }
    await objects.create({ ...job, spec: { template: { spec: { restartPolicy: 'Never', containers: [container] } } } } as KubernetesObject)
    expect(await objects.read(job)).toMatchObject({ kind: 'Job', metadata: { name: 'once' } })
    expect((await config.makeApiClient(BatchV1Api).readNamespacedJob({ namespace, name: 'once' })).spec?.completions).toBe(1)
    await objects.delete(job)
  })

  it('watches from a version on, and ends when told', async () => {
    const { metadata } = await core.listNamespacedPod({ namespace })
    const seen: [string, string][] = []
    await core.createNamespacedPod({ namespace, body: podNamed('watched') })
    await server.settled()
    await core.deleteNamespacedPod({ namespace, name: 'watched', gracePeriodSeconds: 0 })
    await new Promise<void>((resolve, reject) => {
      const path = `/api/v1/namespaces/${namespace}/pods`
      const selection = { resourceVersion: metadata?.resourceVersion, fieldSelector: 'metadata.name=watched', timeoutSeconds: 10 }
      const hear = (type: string, pod: V1Pod) => {
        seen.push([type, pod.status?.phase as string])
        if (type === 'DELETED') resolve()
      }
      new Watch(config).watch(path, selection, hear, reject).catch(reject)
    })
    expect(seen[0]).toEqual(['ADDED', 'Pending'])
    expect(seen).toContainEqual(['MODIFIED', 'Running'])
    expect(seen.at(-1)?.[0]).toBe('DELETED')
  })

  it('keeps an informer up to date', async () => {
    const list = () => core.listNamespacedPod({ namespace, labelSelector: 'app=informed' })
    const informer = makeInformer(config, `/api/v1/namespaces/${namespace}/pods`, list, 'app=informed')
    const next = (event: 'add' | 'update' | 'delete', isWanted: (pod: V1Pod) => boolean) =>
      new Promise<V1Pod>((resolve) => informer.on(event as 'add', (pod: V1Pod) => isWanted(pod) && resolve(pod)))
    await informer.start()
    const ran = next('update', (pod) => pod.status?.phase === 'Running')
    const gone = next('delete', (pod) => pod.metadata?.name === 'second')
    await core.createNamespacedPod({ namespace, body: podNamed('first', { app: 'informed' }) })
    await core.createNamespacedPod({ namespace, body: podNamed('second', { app: 'informed' }) })
    expect((await ran).status?.podIP).toMatch(/^10\.244\./)
    // A label that goes takes the pod out of what is watched.
    await core.patchNamespacedPod(
      { namespace, name: 'second', body: { metadata: { labels: { app: null } } } },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    )
    await gone
    expect((informer as unknown as ListWatch<V1Pod>).list(namespace).map((pod) => pod.metadata?.name)).toEqual(['first'])
    await informer.stop()
  })

  it('scales, and sees the endpoints follow', async () => {
    const apps = config.makeApiClient(AppsV1Api)
    const labels = { app: 'scaled' }
    const template = { metadata: { labels }, spec: podNamed('').spec }
    await apps.createNamespacedDeployment({ namespace, body: { metadata: { name: 'scaled' }, spec: { selector: { matchLabels: labels }, template } } })
    await core.createNamespacedService({ namespace, body: { metadata: { name: 'scaled' }, spec: { selector: labels, ports: [{ port: 80 }] } } })
    await server.settled()
    const scale = await apps.readNamespacedDeploymentScale({ namespace, name: 'scaled' })
    await apps.replaceNamespacedDeploymentScale({ namespace, name: 'scaled', body: { ...scale, spec: { replicas: 4 } } })
    await server.settled()
    expect((await apps.readNamespacedDeploymentStatus({ namespace, name: 'scaled' })).status).toMatchObject({ replicas: 4, readyReplicas: 4 })
    const slices = await config.makeApiClient(DiscoveryV1Api).listNamespacedEndpointSlice({ namespace, labelSelector: 'kubernetes.io/service-name=scaled' })
    expect(slices.items[0].endpoints).toHaveLength(4)
  })

  it('reads and writes kinds that nobody acts on', async () => {
    const autoscaling = config.makeApiClient(AutoscalingV2Api)
    const spec = { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'scaled', apiVersion: 'apps/v1' } }
    const made = await autoscaling.createNamespacedHorizontalPodAutoscaler({ namespace, body: { metadata: { name: 'kept' }, spec } })
    expect(made.spec).toMatchObject(spec)
  })

  it('evicts a pod, and makes a token', async () => {
    await core.createNamespacedPod({ namespace, body: podNamed('evicted') })
    await server.settled()
    await core.createNamespacedPodEviction({ namespace, name: 'evicted', body: { metadata: { name: 'evicted' } } })
    await server.settled()
    expect(await refusal(core.readNamespacedPod({ namespace, name: 'evicted' }))).toMatchObject({ code: 404 })
    const { status } = await core.createNamespacedServiceAccountToken({ namespace, name: 'default', body: { spec: { audiences: [] } } })
    expect(status?.token.split('.')).toHaveLength(3)
  })

  it('finds no logs, since no container runs', async () => {
    await core.createNamespacedPod({ namespace, body: podNamed('silent') })
    expect(await refusal(core.readNamespacedPodLog({ namespace, name: 'silent' }))).toMatchObject({ code: 404 })
    await expect(new Log(config).log(namespace, 'silent', 'main', new Writable())).rejects.toThrow(/404|not found|NotFound/i)
  })
})

/** The Status in what a call fails with. */
async function refusal(call: Promise<unknown>): Promise<V1Status> {
  const failure = await call.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(failure instanceof ApiException)) throw new Error(`expected a refusal, not ${String(failure)}`)
  return typeof failure.body === 'string' ? (JSON.parse(failure.body) as V1Status) : (failure.body as V1Status)
}
