// Readers that do not read: watches are cut off when too much waits for them, lists when nobody takes them.
import { type Client, status as codes, type ServiceError } from '@grpc/grpc-js'
import { contractServices } from '../../../src/grpc/contract.js'
import { definitionOf, grpcClient, grpcWire, messages } from '../../grpc/wire.js'
import { type BareClient, comesTrue, configMapBody, configMaps, openBare, openMany, pause, requestText } from '../sockets.js'
import type { Stage } from '../stage.js'

const eventBytes = 400_000
const writesMax = 150
// The client of gRPC itself keeps some messages that nobody has asked it for.
const writesMin = 80
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
  const client = grpcClient(server.grpc)
  const listen = deafGrpcWatch(client)
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
  hold('a watch over gRPC that is not read ends as exhausted', end === codes.RESOURCE_EXHAUSTED, `code ${end}`)
  for (const { socket } of [...deaf, ...overTLS, keen]) socket.destroy()
  await slowListers(stage)
  client.close()
  await stage.allIsOver('readers that did not read')
  const { items } = await grpcWire(grpcClient(server.grpc), 'typed').list(definitionOf('v1/configmaps'), { namespace: 'default' })
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

/** A watch over gRPC. @returns begins to read, and resolves to the code with which the watch ends */
function deafGrpcWatch(client: Client): () => Promise<number> {
  const contract = contractServices.find(({ resource }) => resource === 'v1/configmaps')
  const method = contract?.methods.find(({ name }) => name === 'Watch')
  if (!contract || !method) throw new Error('no service watches ConfigMaps')
  const asBytes = (bytes: Buffer) => bytes
  const stream = client.makeServerStreamRequest(`/${contract.name}/Watch`, asBytes, asBytes, messages.encode(method.request, { namespace: 'default' }))
  const ended = new Promise<number>((resolve) => stream.on('error', ({ code }: ServiceError) => resolve(code)).on('end', () => resolve(codes.OK)))
  return () => {
    stream.resume()
    return ended
  }
}
