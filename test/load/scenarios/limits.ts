// Past a limit: whoever comes is told to come again, whoever is there goes on.
import { definitionOf, grpcClient, grpcWire } from '../../grpc/wire.js'
import { type BareClient, comesTrue, configMapBody, configMaps, openBare, openMany, requestText } from '../sockets.js'
import type { Stage } from '../stage.js'

export const inflight = { readOnly: 50, mutating: 20 }
export const inflightFlags = ['--max-requests-inflight', String(inflight.readOnly), '--max-mutating-requests-inflight', String(inflight.mutating)]
export const fewFiles = 300

export async function requestsInFlight(stage: Stage): Promise<void> {
  const { server, hold } = stage
  const wholes = Array.from({ length: 2 * inflight.mutating }, (_, index) => requestText('POST', configMaps, {}, configMapBody(`late-${index}`)))
  const writers = await openMany(wholes.length, async (index) => asking(await openBare(server.port), wholes[index].slice(0, -10)), 1)
  const refused = () => writers.filter(({ text }) => isToComeAgain(text))
  await stage.unharmed('too many who write', () => comesTrue(() => refused().length === inflight.mutating, 10_000))
  hold(
    'whoever is one too many is told when to come again',
    refused().length === inflight.mutating,
    `${refused().length} of ${writers.length} got 429 with Retry-After`,
  )
  for (const [index, { socket, text }] of writers.entries()) if (!text) socket.write(wholes[index].slice(-10))
  const served = () => writers.filter(({ text }) => text.startsWith('HTTP/1.1 201')).length
  await comesTrue(() => served() === inflight.mutating, 10_000)
  hold('whoever was under way is served', served() === inflight.mutating, `${served()} got 201`)
  for (const { socket } of writers) socket.destroy()
  await stage.allIsOver('too many who wrote')
  await readersInFlight(stage)
}

async function readersInFlight(stage: Stage): Promise<void> {
  const { server, hold } = stage
  const post = (name: string, value = '') =>
    fetch(`${server.http}${configMaps}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: configMapBody(name, value) })
  for (let index = 0; index < 10; index++) await (await post(`long-${index}`, 'x'.repeat(1_000_000))).arrayBuffer()
  const deaf = await openMany(inflight.readOnly, async () => asking(await openBare(server.port, { isDeaf: true }), requestText('GET', configMaps)), 1)
  const last = asking(await openBare(server.port), requestText('GET', configMaps))
  await comesTrue(() => last.text !== '', 10_000)
  hold('whoever reads and is one too many is told so too', isToComeAgain(last.text), last.text.slice(0, 12))
  const { status } = await post('beside')
  hold('those who write are not counted with those who read', status === 201, `status ${status}`)
  const watch = asking(await openBare(server.port), requestText('GET', `${configMaps}?watch=1&resourceVersion=1`))
  await comesTrue(() => watch.text !== '', 10_000)
  hold('watches are not counted', watch.text.startsWith('HTTP/1.1 200'), watch.text.slice(0, 12))
  for (const { socket } of [...deaf, last, watch]) socket.destroy()
  await stage.allIsOver('too many who read')
}

export async function openFiles(stage: Stage): Promise<void> {
  const { server, hold } = stage
  const clients = await stage.unharmed('more connections than files', () =>
    openMany(2 * fewFiles, async () => asking(await openBare(server.port), requestText('GET', '/version')), 20),
  )
  await comesTrue(() => clients.every(({ text, isOver }) => text !== '' || isOver), 10_000)
  const served = clients.filter(({ text }) => text.startsWith('HTTP/1.1 200')).length
  hold('as many connections as there are files for are served', served >= fewFiles - 120 && served < fewFiles, `${served} of ${clients.length}`)
  hold('some files are left for the server itself', server.openFiles <= fewFiles - 50, `${server.openFiles} of ${fewFiles} open`)
  hold('the log says what to do', server.stderr.includes('ulimit -n'), server.stderr.slice(0, 300))
  clients.filter(({ isOver }) => !isOver)[0]?.socket.write(requestText('GET', '/openapi/v2'))
  for (const { socket } of clients) socket.destroy()
  await stage.allIsOver('more connections than files')
  const document = await fetch(`${server.http}/openapi/v2`)
  await document.arrayBuffer()
  const client = grpcClient(server.grpc)
  const object = await grpcWire(client, 'typed').get(definitionOf('v1/configmaps'), { namespace: 'default', name: 'probed' })
  client.close()
  hold('what is loaded on demand can be loaded', document.status === 200 && object.metadata?.name === 'probed', `${document.status}, ${object.metadata?.name}`)
}

function asking(client: BareClient, text: string): BareClient {
  client.socket.write(text)
  return client
}

function isToComeAgain(text: string): boolean {
  return text.startsWith('HTTP/1.1 429') && /\r\nRetry-After: 1\r\n/i.test(text)
}
