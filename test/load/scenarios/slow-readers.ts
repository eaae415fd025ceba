// Readers that do not read: watches are cut off when too much waits for them, lists when nobody takes them.
import { type ClientHttp2Session, connect } from 'node:http2'
import { setTimeout as pause } from 'node:timers/promises'
import { status as codes } from '@grpc/grpc-js'
import { definitionOf, grpcClient, grpcWire, messages } from '../../grpc/wire.js'
import { type BareClient, comesTrue, configMapBody, configMaps, openBare, openMany, requestText } from '../sockets.js'
import type { Stage } from '../stage.js'

const eventBytes = 400_000
const writesMax = 150
// How many it takes over gRPC is not seen from outside.
const writesMin = 60
// What waits for readers of one kind is shared by them; encrypted it is not.
const mebibytesMoreMax = 700
const takingMillisMax = 75_000

export async function slowReaders(stage: Stage): Promise<void> {
  const { server, form, hold } = stage
  const { identity } = server
  const watch = requestText('GET', `${configMaps}?watch=1`)
  await write(server.http, 'POST', configMaps, configMapBody('large'))
  const deaf = await openMany(form.isShort ? 40 : 300, async () => asking(await openBare(server.port, { isDeaf: true }), watch))
  const overTLS = await openMany(form.isShort ? 5 : 20, async () => asking(await openBare(server.securePort, { isDeaf: true, identity }), watch))
  const keen = await asking(await openBare(server.port, { kept: 0 }), watch)
  const session = connect(`http://${server.grpc}`)
  const listen = deafGrpcWatch(session)
  await comesTrue(async () => (await server.underWay()).watches === deaf.length + overTLS.length + 1, 10_000)
  const memoryBefore = server.memory
  let memoryMost = memoryBefore
  let writes = 0
  const isCutOff = async () => (await server.underWay()).watches === 1
  await stage.unharmed('watchers that do not read', async () => {
    while (writes < writesMin || (writes < writesMax && !(writes % 10 === 0 && (await isCutOff())))) {
      writes++
      await write(server.http, 'PATCH', `${configMaps}/large`, JSON.stringify({ data: { value: String(writes % 10).repeat(eventBytes) } }))
      memoryMost = Math.max(memoryMost, server.memory)
    }
  })
  hold(
    'watchers that do not read are cut off',
    await isCutOff(),
    `after ${writes} events of ${eventBytes} bytes, ${(await server.underWay()).watches} watches left`,
  )
  const isAllRead = await comesTrue(() => keen.bytes > writes * eventBytes, 10_000)
  hold('who reads beside them misses nothing', isAllRead && !keen.isOver, `${keen.bytes} bytes`)
  hold(
    'memory stays bounded',
    memoryMost - memoryBefore < mebibytesMoreMax,
    `${memoryBefore.toFixed(0)} to ${memoryMost.toFixed(0)} MiB for ${deaf.length + overTLS.length} readers`,
  )
  const end = await listen()
  hold('a watch over gRPC that is not read ends as exhausted', end === String(codes.RESOURCE_EXHAUSTED), `code ${end}`)
  for (const { socket } of [...deaf, ...overTLS, keen]) socket.destroy()
  await slowListers(stage)
  session.destroy()
  await stage.allIsOver('readers that did not read')
  const client = grpcClient(server.grpc)
  const { items } = await grpcWire(client, 'typed').list(definitionOf('v1/configmaps'), { namespace: 'default' })
  client.close()
  hold('afterwards all is as before', items.length > 20, `${items.length} objects`)
}

async function slowListers(stage: Stage): Promise<void> {
  const { server, form, hold } = stage
  for (let index = 0; index < 30; index++) await write(server.http, 'POST', configMaps, configMapBody(`long-${index}`, 'x'.repeat(eventBytes)))
  const before = server.memory
  const count = form.isShort ? 30 : 200
  const deaf = await openMany(count, async () => asking(await openBare(server.port, { isDeaf: true }), requestText('GET', configMaps)))
  await stage.unharmed('lists that nobody takes', () => pause(form.isShort ? 1500 : 5000))
  const more = server.memory - before
  // Each holds the piece that is being written, and what the kernel has taken.
  hold('lists that nobody takes hold little', more < 100 + count, `${more.toFixed(0)} MiB for ${count} lists of ${(30 * eventBytes) / 1e6} MB`)
  if (!form.isShort) {
    const areLeft = await comesTrue(async () => (await server.underWay()).requests <= 1, takingMillisMax, 1000)
    hold('lists that nobody takes are left in time', areLeft, `${(await server.underWay()).requests} under way`)
  }
  for (const { socket } of deaf) socket.destroy()
}

function asking(client: BareClient, text: string): BareClient {
  client.socket.write(text)
  return client
}

/** Written over and over: what is read of the answer is nothing. */
async function write(http: string, method: string, path: string, body: string): Promise<void> {
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
  const answer = await fetch(http + path, { method, headers: { 'content-type': type }, body })
  await answer.arrayBuffer()
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}`)
}

/** A watch over gRPC by a client that knows of the protocol what it must. @returns begins to read, and resolves to the code with which it ends */
function deafGrpcWatch(session: ClientHttp2Session): () => Promise<string> {
  session.on('error', () => {})
  const stream = session.request({ ':method': 'POST', ':path': '/kubedouble.v1.ConfigMaps/Watch', 'content-type': 'application/grpc', te: 'trailers' })
  stream.on('error', () => {})
  const request = messages.encode('kubedouble/v1.ConfigMapsWatchRequest', { namespace: 'default' })
  stream.end(Buffer.concat([Buffer.from([0, 0, 0, 0, request.length]), request]))
  const ended = new Promise<string>((resolve) => {
    stream.once('trailers', (trailers) => resolve(String(trailers['grpc-status'])))
    stream.once('close', () => resolve('closed without a word'))
  })
  return () => {
    stream.resume()
    return ended
  }
}
