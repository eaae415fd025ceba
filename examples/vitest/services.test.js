// A test with Vitest: one cluster for the file, no sleeps.
//   npm install --save-dev kubedouble vitest && npx vitest run
import { startKubedouble } from 'kubedouble'
import { afterAll, beforeAll, expect, test } from 'vitest'

let cluster
beforeAll(async () => {
  cluster = await startKubedouble()
})
afterAll(() => cluster.close())

/** Plain HTTP needs no credentials; a client library takes `cluster.kubeconfig` instead. */
async function call(method, path, body) {
  const answer = await fetch(cluster.http + path, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  return answer.json()
}

test('a Service finds the pods that it selects', async () => {
  const container = { name: 'web', image: 'nginx' }
  await call('POST', '/api/v1/namespaces/default/pods', { metadata: { name: 'web', labels: { app: 'web' } }, spec: { containers: [container] } })
  const service = await call('POST', '/api/v1/namespaces/default/services', {
    metadata: { name: 'web' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
  })
  expect(service.spec.clusterIP).toMatch(/^10\.96\./)

  await cluster.settled() // every controller has done what it could

  const pod = await call('GET', '/api/v1/namespaces/default/pods/web')
  expect(pod.status.phase).toBe('Running')
  const slices = await call('GET', '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io/service-name=web')
  expect(slices.items[0].endpoints[0].addresses).toEqual([pod.status.podIP])
})

test('what the API refuses, it refuses in its own words', async () => {
  const status = await call('POST', '/api/v1/namespaces/default/services', { metadata: { name: 'empty' }, spec: {} })
  expect(status).toMatchObject({ kind: 'Status', code: 422, message: 'Service "empty" is invalid: spec.ports: Required value' })
})
