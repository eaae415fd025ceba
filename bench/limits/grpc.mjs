// The limit: grpc-js that answers with bytes it has, reads what it must by the .proto files, keeps a row in SQLite, and nothing else.
import { fileURLToPath } from 'node:url'
import { Server, ServerCredentials } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import Database from 'better-sqlite3'

const size = Number(process.argv[2])
const object = Buffer.alloc(size, 'x')
const database = new Database(':memory:')
database.exec('CREATE TABLE log (revision INTEGER PRIMARY KEY, object BLOB) STRICT')
const insert = database.prepare('INSERT INTO log (object) VALUES (?)')
const watchers = new Set()
let waiting = []

const asBytes = (bytes) => bytes
const server = new Server({ 'grpc.max_concurrent_streams': 10_000, 'grpc.enable_channelz': 0 })
const unary = (path, serve) => server.register(path, (call, reply) => reply(null, serve(call.request)), asBytes, asBytes, 'unary')
unary('/bare/Get', () => object)
const folder = fileURLToPath(new URL('../../proto', import.meta.url))
const { requestDeserialize, responseSerialize } = loadSync('kubedouble/v1/config_maps.proto', { includeDirs: [folder], keepCase: true })[
  'kubedouble.v1.ConfigMaps'
].Create
const create = (call, reply) => {
  const { object } = call.request
  keep(Buffer.from(JSON.stringify(object)))
  reply(null, object)
}
server.register('/bare/Create', create, responseSerialize, requestDeserialize, 'unary')
unary('/bare/Event', (bytes) => {
  waiting.push(keep(bytes))
  if (waiting.length === 1) setImmediate(publish)
  return bytes
})
const watch = (stream) => {
  stream.sendMetadata(stream.metadata)
  watchers.add(stream)
  stream.on('cancelled', () => watchers.delete(stream))
}
server.register('/bare/Watch', watch, asBytes, asBytes, 'serverStream')

function keep(bytes) {
  insert.run(bytes)
  return bytes
}

function publish() {
  const messages = waiting
  waiting = []
  for (const watcher of watchers) for (const message of messages) watcher.write(message)
}

server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error
  console.log(JSON.stringify({ grpc: `127.0.0.1:${port}` }))
})
process.on('SIGTERM', () => process.exit(0))
