// The cluster that the kubeconfig names, the namespace of this run, and how failures of the client read.
import {
  ApiException,
  AppsV1Api,
  CoreV1Api,
  KubeConfig,
  type PatchStrategy,
  setHeaderOptions,
  type V1Deployment,
  type V1Pod,
  type V1Status,
} from '@kubernetes/client-node'

export const config = new KubeConfig()
config.loadFromDefault()
export const core = config.makeApiClient(CoreV1Api)
export const apps = config.makeApiClient(AppsV1Api)

const made = await core.createNamespace({ body: { metadata: { generateName: 'story-' } } })
export const namespace = made.metadata?.name as string

export const podNamed = (name: string, labels: Record<string, string> = {}): V1Pod => ({
  metadata: { name, labels },
  spec: { containers: [{ name: 'main', image: 'nginx' }], terminationGracePeriodSeconds: 0 },
})

export const deploymentNamed = (name: string, replicas = 1): V1Deployment => ({
  metadata: { name },
  spec: { replicas, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: podNamed('').spec } },
})

export const asPatch = (strategy: PatchStrategy) => setHeaderOptions('Content-Type', strategy)

/** The Status in what a call fails with. */
export async function refusal(call: Promise<unknown>): Promise<V1Status> {
  const failure = await call.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(failure instanceof ApiException)) throw new Error(`expected a refusal, not ${String(failure)}`)
  return typeof failure.body === 'string' ? (JSON.parse(failure.body) as V1Status) : (failure.body as V1Status)
}

export async function isGone(read: Promise<unknown>): Promise<boolean> {
  try {
    await read
    return false
  } catch (error) {
    if (error instanceof ApiException && error.code === 404) return true
    throw error
  }
}
