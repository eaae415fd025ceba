// gRPC beside bare grpc-js: unary calls, and watches of a thousand streams.
import { connect } from 'node:http2'
import { fileURLToPath } from 'node:url'
import { loadSync } from '@grpc/proto-loader'
import { call, fanOutRate, unaryRate } from './grpc-load.mjs'

const folder = fileURLToPath(new URL('../proto', import.meta.url))
const service = '/kubedouble.v1.ConfigMaps'
const namespace = 'default'

/** Messages as the .proto files make them. */
function requests({ apiVersion: _apiVersion, kind: _kind, ...object }) {
  const methods = loadSync('kubedouble/v1/config_maps.proto', { includeDirs: [folder], keepCase: true })['kubedouble.v1.ConfigMaps']
  return {
    Get: (name) => methods.Get.requestSerialize({ namespace, name }),
    Create: () => methods.Create.requestSerialize({ namespace, object }),
    Fixed: (name) => methods.Create.requestSerialize({ namespace, object: { ...object, metadata: { ...object.metadata, generateName: '', name } } }),
    Watch: () => methods.Watch.requestSerialize({ namespace, field_selector: 'metadata.name!=kube-root-ca.crt' }),
  }
}

const median = (numbers) => [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)]

export async function grpcRates(what, method, { serve, bare: launchBare, seconds, rounds, object }) {
  const [server, bare] = [await serve(), await launchBare()]
  const messages = requests(object)
  const session = connect(`http://${server.grpc}`)
  await call(session, `${service}/Create`, messages.Fixed('bench'))
  session.close()
  const message = messages[method]('bench')
  const [figures, limits] = [[], []]
  for (let round = 0; round < rounds; round++) {
    limits.push(await unaryRate(bare.grpc, `/bare/${method}`, message, seconds))
    figures.push(await unaryRate(server.grpc, `${service}/${method}`, message, seconds))
  }
  await server.end()
  await bare.end()
  return { what, figure: median(figures), limit: median(limits), unit: '/s' }
}

export async function grpcFanOut({ serve, bare: launchBare, object }) {
  const load = { watchers: 1000, events: 100 }
  const messages = requests(object)
  const server = await serve()
  const write = (session) => call(session, `${service}/Create`, messages.Create())
  const figure = await fanOutRate({ ...load, address: server.grpc, path: `${service}/Watch`, message: messages.Watch(), write })
  await server.end()
  const bare = await launchBare()
  const event = (session) => call(session, '/bare/Event', messages.Create())
  const limit = await fanOutRate({ ...load, address: bare.grpc, path: '/bare/Watch', message: Buffer.alloc(0), write: event })
  await bare.end()
  return { what: 'gRPC watch deliveries, 1,000 watchers', figure, limit, unit: '/s' }
}
