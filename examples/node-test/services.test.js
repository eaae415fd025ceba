// A test with Node's own runner and the Kubernetes client: a cluster of its own for each test.
//   npm install --save-dev kubedouble @kubernetes/client-node && node --test
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import { startKubedouble } from 'kubedouble'

/** The second argument of a test is done when the test is over, whatever happened. */
async function newCluster(context, options) {
  const cluster = await startKubedouble(options)
  context.after(() => cluster.close())
  const config = new KubeConfig()
  config.loadFromFile(cluster.kubeconfig)
  return { cluster, core: config.makeApiClient(CoreV1Api) }
}

test('a LoadBalancer gets an address outside', async (context) => {
  const { cluster, core } = await newCluster(context, { nodes: 1 })
  const spec = { type: 'LoadBalancer', ports: [{ port: 80 }] }
  await core.createNamespacedService({ namespace: 'default', body: { metadata: { name: 'web' }, spec } })
  await cluster.settled()
  const { status } = await core.readNamespacedService({ namespace: 'default', name: 'web' })
  assert.equal(status.loadBalancer.ingress[0].ip, '198.18.0.1')
})

test('a cloud that refuses is one annotation', async (context) => {
  const { cluster, core } = await newCluster(context)
  const metadata = { name: 'web', annotations: { 'kubedouble.dev/load-balancer-failure': 'quota exceeded' } }
  await core.createNamespacedService({ namespace: 'default', body: { metadata, spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } } })
  await cluster.settled()
  const { items } = await core.listNamespacedEvent({ namespace: 'default', fieldSelector: 'reason=SyncLoadBalancerFailed' })
  assert.match(items[0].message, /quota exceeded/)
})
