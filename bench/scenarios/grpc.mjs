// gRPC beside bare grpc-js: unary calls, and watches of a thousand streams.
import { connect } from 'node:http2'
import { fileURLToPath } from 'node:url'
import { loadSync } from '@grpc/proto-loader'
import { call, fanOutRate, unaryRate } from '../client/grpc-load.mjs'
import { row } from '../measuring/rows.mjs'
import { configMap } from '../objects.mjs'

const folder = fileURLToPath(new URL('../../proto', import.meta.url))
const service = '/kubedouble.v1.ConfigMaps'
const namespace = 'default'
const bodyLength = String(JSON.stringify(configMap).length)

/** Messages as the .proto files make them. */
function requests({ apiVersion: _apiVersion, kind: _kind, ...object }) {
  const methods = loadSync('kubedouble/v1/config_maps.proto', { includeDirs: [folder], keepCase: true })['kubedouble.v1.ConfigMaps']
  return {
    Get: (name) => methods.Get.requestSerialize({ namespace, name }),
    Create: () => methods.Create.requestSerialize({ namespace, object }),
    Fixed: (name) => methods.Create.requestSerialize({ namespace, object: { ...object, metadata: { ...object.metadata, generateName: '', name } } }),
    Watch: (revision) => methods.Watch.requestSerialize({ namespace, resource_version: String(revision) }),
  }
}

const half = { ratio: { atLeast: 0.5 } }

const unary = (name, method, what) => ({
  name,
  text: `${what}, beside bare grpc-js`,
  async run(stand) {
    const { seconds, processes } = stand
    const [server, bare] = [await processes.serve(), await processes.limit('grpc', bodyLength)]
    const messages = requests(configMap)
    const session = connect(`http://${server.grpc}`)
    await call(session, `${service}/Create`, messages.Fixed('bench'))
    session.close()
    const message = messages[method]('bench')
    const taken = await stand.byTurns({
      ours: () => unaryRate(server.grpc, `${service}/${method}`, message, seconds),
      limit: () => unaryRate(bare.grpc, `/bare/${method}`, message, seconds),
    })
    return [row({ what, unit: '/s', ...taken, must: half })]
  },
})

const watch = {
  name: 'grpc-watch',
  text: 'gRPC watches of 1,000 streams, beside bare grpc-js',
  async run(stand) {
    const load = { watchers: 1000, events: 100 }
    const messages = requests(configMap)
    const [server, bare] = [await stand.processes.serve(), await stand.processes.limit('grpc', bodyLength)]
    const create = (session) => call(session, `${service}/Create`, messages.Create())
    const api = stand.api(server)
    const watched = async () => ({ path: `${service}/Watch`, message: messages.Watch(await api.revision()) })
    const event = (session) => call(session, '/bare/Event', messages.Create())
    const taken = await stand.byTurns({
      ours: async () => fanOutRate({ ...load, address: server.grpc, ...(await watched()), write: create }),
      limit: () => fanOutRate({ ...load, address: bare.grpc, path: '/bare/Watch', message: Buffer.alloc(0), write: event }),
    })
    return [row({ what: 'gRPC watch deliveries, 1,000 watchers', unit: '/s', ...taken, must: half })]
  },
}

export const grpc = [unary('grpc-get', 'Get', 'gRPC get of 1.4 KB'), unary('grpc-create', 'Create', 'gRPC create of 1.4 KB, in memory'), watch]
