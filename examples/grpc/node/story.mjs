// A Service, its pods, and its endpoints as they come and go.
//   npm install @grpc/grpc-js @grpc/proto-loader && node story.mjs [localhost:50051]
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { credentials, loadPackageDefinition } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'

const address = process.argv[2] ?? 'localhost:50051'
const proto = fileURLToPath(new URL('../../../proto', import.meta.url))
const files = ['services', 'pods', 'endpoint_slices'].map((name) => `kubedouble/v1/${name}.proto`)
const { v1 } = loadPackageDefinition(loadSync(files, { includeDirs: [proto], keepCase: true, enums: String, arrays: true })).kubedouble

const [services, pods, slices] = [v1.Services, v1.Pods, v1.EndpointSlices].map((Client) => new Client(address, credentials.createInsecure()))
const call = (client, method, request) => promisify(client[method]).call(client, { namespace: 'default', ...request })

const selector = { app: 'story' }
const service = await call(services, 'Create', { object: { metadata: { name: 'story' }, spec: { selector, ports: [{ port: 80 }] } } })
console.log(`service ${service.metadata.name} of type ${service.spec.type}`)
for (const name of ['story-1', 'story-2']) {
  await call(pods, 'Create', { object: { metadata: { name, labels: selector }, spec: { containers: [{ name: 'main', image: 'nginx' }] } } })
}

const watch = slices.Watch({ namespace: 'default', label_selector: 'kubernetes.io/service-name=story' })
let hasBeenTwo = false
await new Promise((resolve) => {
  // What is cancelled ends with an error that says so.
  watch.on('error', () => {})
  watch.on('data', async ({ object: { endpoints } }) => {
    const ready = endpoints.filter(({ conditions }) => conditions?.ready).length
    if (ready === 2 && !hasBeenTwo) {
      hasBeenTwo = true
      console.log('two endpoints are ready')
      await call(pods, 'Patch', { name: 'story-2', type: 'PATCH_TYPE_MERGE', patch: '{"metadata":{"labels":{"app":"other"}}}' })
    } else if (hasBeenTwo && endpoints.length === 1) resolve()
  })
})
watch.cancel()
console.log('one endpoint is left')

try {
  await call(services, 'Create', { object: { metadata: { name: 'story' }, spec: { ports: [{ port: 80 }] } } })
} catch (error) {
  console.log(error.details)
}
await call(services, 'Delete', { name: 'story' })
for (const name of ['story-1', 'story-2']) await call(pods, 'Delete', { name, grace_period_seconds: 0 })
for (const client of [services, pods, slices]) client.close()
