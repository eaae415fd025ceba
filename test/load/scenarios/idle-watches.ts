// Thousands of watches that wait, over HTTP and gRPC: each is told the one thing that happens, and costs little.
import type { Client } from '@grpc/grpc-js'
import { contractServices } from '../../../src/grpc/contract.js'
import { grpcClient, messages } from '../../grpc/wire.js'
import type { LoadServer } from '../server.js'
import { comesTrue, configMapBody, configMaps, openBare, openMany, requestText } from '../sockets.js'
import type { Stage } from '../stage.js'

const kilobytesPerWatchMax = 64
const millisMax = 20_000
const perConnection = 500

export async function idleWatches(stage: Stage): Promise<void> {
  const { server, form, hold } = stage
  const count = form.isShort ? 1000 : 5000
  const memoryBefore = server.memory
  const clients = await stage.unharmed(`${count} watches begin`, () =>
    openMany(count, async () => {
      const client = await openBare(server.port, { kept: 1200 })
      client.socket.write(requestText('GET', `${configMaps}?watch=1&resourceVersion=${await revisionOf(server)}`))
      return client
    }),
  )
  const haveBegun = await comesTrue(() => clients.every(({ text }) => text.includes('\r\n\r\n')), millisMax)
  const perWatch = ((server.memory - memoryBefore) * 1024) / count
  hold(`${count} watches are open`, haveBegun && (await server.underWay()).watches === count, `${(await server.underWay()).watches}`)
  hold('a watch that waits costs little', perWatch < kilobytesPerWatchMax, `${perWatch.toFixed(1)} KiB each`)
  const began = performance.now()
  const isTold = await stage.unharmed('all watches are told one event', async () => {
    await create(server, 'told')
    return comesTrue(() => clients.every(({ text }) => text.includes('"name":"told"')), millisMax, 5)
  })
  hold(
    'every watch is told the one event',
    isTold,
    `in ${(performance.now() - began).toFixed(0)} ms, ${clients.filter(({ text }) => text.includes('"name":"told"')).length} of ${count}`,
  )
  const events = clients.map(({ text }) => text.split('"type":').length - 1)
  hold(
    'no watch is told more',
    events.every((each) => each === 1),
    `${Math.min(...events)} to ${Math.max(...events)} events each`,
  )
  for (const { socket } of clients) socket.destroy()
  await stage.allIsOver('watches that waited')
  await overGrpc(stage, form.isShort ? 300 : 2000)
}

let revision: Promise<string> | undefined

/** From where all of them watch. */
function revisionOf(server: LoadServer): Promise<string> {
  revision ??= fetch(`${server.http}${configMaps}?limit=1`).then(
    async (answer) => ((await answer.json()) as { metadata: { resourceVersion: string } }).metadata.resourceVersion,
  )
  return revision
}

async function create(server: LoadServer, name: string): Promise<void> {
  const answer = await fetch(`${server.http}${configMaps}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: configMapBody(name) })
  if (answer.status !== 201) throw new Error(`create answered ${answer.status}`)
  await answer.arrayBuffer()
}

async function overGrpc(stage: Stage, count: number): Promise<void> {
  const { server, hold } = stage
  const told = new Array<number>(count).fill(0)
  const begun = { count: 0 }
  const connections = Array.from({ length: Math.ceil(count / perConnection) }, () => grpcClient(server.grpc))
  for (const [index] of told.entries()) openGrpcWatch(connections[index % connections.length], begun, () => told[index]++)
  const haveBegun = await comesTrue(() => begun.count === count, millisMax)
  hold(`${count} watches over gRPC begin`, haveBegun, `${begun.count}`)
  await create(server, 'told-over-grpc')
  const areTold = await comesTrue(() => told.every((each) => each === 1), millisMax, 5)
  hold('every watch over gRPC is told the one event, once', areTold, `${told.filter((each) => each === 1).length} of ${count}`)
  for (const connection of connections) connection.close()
  await stage.allIsOver('watches over gRPC')
}

function openGrpcWatch(client: Client, begun: { count: number }, onEvent: () => void): void {
  const contract = contractServices.find(({ resource }) => resource === 'v1/configmaps')
  const method = contract?.methods.find(({ name }) => name === 'Watch')
  if (!contract || !method) throw new Error('no service watches ConfigMaps')
  const asBytes = (bytes: Buffer) => bytes
  const request = messages.encode(method.request, { namespace: 'default', labelSelector: '', fieldSelector: 'metadata.name=told-over-grpc' })
  const stream = client.makeServerStreamRequest(`/${contract.name}/Watch`, asBytes, asBytes, request)
  stream.on('metadata', () => begun.count++)
  stream.on('data', onEvent)
  stream.on('error', () => {})
}
