// Watches over gRPC: what is told, how they end, and what becomes of those who do not read.
import { connect } from 'node:http2'
import { type Client, type ClientReadableStream, status as codes, Metadata, type ServiceError } from '@grpc/grpc-js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type MessageSink, WatchSender } from '../../src/grpc/watch-sender.js'
import { RecentMessages } from '../../src/grpc/watches.js'
import { type Kubedouble, startKubedouble } from '../../src/index.js'
import type { Plain } from '../../src/machinery/index.js'
import type { Notice } from '../../src/registry/index.js'
import { definitionOf, grpcClient, grpcWire, messages, restWire, type Wire } from './wire.js'

const configMaps = definitionOf('v1/configmaps')
const namespace = 'watched'
const asBytes = (bytes: Buffer) => bytes

describe('a watch', () => {
  let server: Kubedouble
  let client: Client
  let rest: Wire
  let typed: Wire
  beforeAll(async () => {
    server = await startKubedouble({ controllers: [], nodes: 1 })
    client = grpcClient(server.grpc as string)
    rest = restWire(server.http as string)
    typed = grpcWire(client, 'typed')
    await rest.create(definitionOf('v1/namespaces'), { metadata: { name: namespace } }, {})
  })
  afterAll(async () => {
    client?.close()
    await server?.close()
  })

  const open = (request: Plain, options: Plain = {}) =>
    client.makeServerStreamRequest(
      '/kubedouble.v1.ConfigMaps/Watch',
      asBytes,
      asBytes,
      messages.encode('kubedouble/v1.ConfigMapsWatchRequest', { namespace, ...request }),
      new Metadata(),
      options,
    )
  const ending = (stream: ClientReadableStream<Buffer>): Promise<ServiceError> => new Promise((resolve) => stream.once('error', resolve))
  const begun = (stream: ClientReadableStream<Buffer>): Promise<Metadata> => new Promise((resolve) => stream.once('metadata', resolve))
  const add = (name: string, labels: Plain = {}) => rest.create(configMaps, { metadata: { name, labels } }, { namespace })

  it('tells what enters and leaves a selection as the other wire does', async () => {
    const { metadata } = await add('selected')
    const options = { namespace, labelSelector: 'color=red', resourceVersion: metadata.resourceVersion }
    const watching = [rest, typed, grpcWire(client, 'generic')].map((wire) => wire.watch(configMaps, options, 3))
    await typed.patch(configMaps, { metadata: { labels: { color: 'red' } } }, { namespace, name: 'selected', type: 'merge' })
    await rest.patch(configMaps, { data: { a: 'b' } }, { namespace, name: 'selected', type: 'merge' })
    await typed.patch(configMaps, { metadata: { labels: { color: 'blue' } } }, { namespace, name: 'selected', type: 'merge' })
    const [first, ...others] = await Promise.all(watching)
    expect(first.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED'])
    for (const other of others) expect(other).toEqual(first)
  })

  it('begins with what is there and ends that with a bookmark when asked to', async () => {
    await add('there', { part: 'begin' })
    const options = { namespace, labelSelector: 'part=begin', resourceVersionMatch: 'NotOlderThan', sendInitialEvents: true, allowWatchBookmarks: true }
    const [seen, same] = await Promise.all([typed, rest].map((wire) => wire.watch(configMaps, options, 2)))
    expect(seen.map(({ type }) => type)).toEqual(['ADDED', 'BOOKMARK'])
    expect(seen[1].object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' })
    expect(seen).toEqual(same)
  })

  it('is refused with what is wrong about its options', async () => {
    await expect(typed.watch(configMaps, { namespace, resourceVersionMatch: 'Exact' }, 1)).rejects.toMatchObject({ code: codes.INVALID_ARGUMENT })
    await expect(typed.watch(configMaps, { namespace, labelSelector: 'a in' }, 1)).rejects.toMatchObject({ code: codes.INVALID_ARGUMENT })
  })

  it('tells of a revision that is not there yet, and ends with the code of that', async () => {
    const stream = open({ resourceVersion: '99999999' })
    const told: Plain[] = []
    stream.on('data', (bytes) => told.push(messages.decode('kubedouble/v1.ConfigMapsWatchResponse', bytes)))
    expect(await ending(stream)).toMatchObject({ code: codes.UNAVAILABLE, details: expect.stringContaining('Too large resource version') })
    expect(told).toMatchObject([{ type: 5, status: { reason: 'Timeout', code: 504 } }])
  })

  it('ends in time, well', async () => {
    const stream = open({ resourceVersion: '1', timeoutSeconds: 1 })
    stream.resume()
    const status = await new Promise((resolve) => stream.once('status', resolve))
    expect(status).toMatchObject({ code: codes.OK })
  })

  it('ends with the deadline of its call, and with its cancellation', async () => {
    const late = open({}, { deadline: Date.now() + 200 })
    late.resume()
    expect(await ending(late)).toMatchObject({ code: codes.DEADLINE_EXCEEDED })
    const given = open({})
    given.resume()
    await begun(given)
    given.cancel()
    expect(await ending(given)).toMatchObject({ code: codes.CANCELLED })
    // What nobody hears is not told: the server goes on as before.
    expect(await add('after-cancel')).toMatchObject({ metadata: { name: 'after-cancel' } })
  })

  it('warns before its first event', async () => {
    const request = messages.encode('kubedouble/v1.EndpointsWatchRequest', {})
    const stream = client.makeServerStreamRequest('/kubedouble.v1.Endpoints/Watch', asBytes, asBytes, request)
    stream.on('error', () => {})
    expect((await begun(stream)).get('warning')).toEqual([expect.stringContaining('v1 Endpoints is deprecated')])
    stream.cancel()
  })

  it('cuts off who does not read, and lets others go on', async () => {
    const data = { text: 'x'.repeat(1000 * 1024) }
    const { metadata } = await rest.create(configMaps, { metadata: { name: 'large' }, data }, { namespace })
    const options = { namespace, resourceVersion: metadata.resourceVersion, fieldSelector: 'metadata.name=large' }
    const sluggard = connect(`http://${server.grpc}`)
    const slow = sluggard.request({ ':method': 'POST', ':path': '/kubedouble.v1.ConfigMaps/Watch', 'content-type': 'application/grpc', te: 'trailers' })
    const request = messages.encode('kubedouble/v1.ConfigMapsWatchRequest', options)
    slow.end(Buffer.concat([Buffer.from([0, 0, 0, 0, request.length]), request]))
    await new Promise((resolve) => slow.once('response', resolve))
    const wanted = 24
    const reading = typed.watch(configMaps, options, wanted)
    for (let index = 0; index < wanted; index++) {
      await rest.patch(configMaps, { metadata: { labels: { turn: `${index}` } } }, { namespace, name: 'large', type: 'merge' })
    }
    expect((await reading).length).toBe(wanted)
    let bytes = 0
    slow.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    const trailers = await new Promise((resolve) => slow.once('trailers', resolve))
    expect(trailers).toMatchObject({
      'grpc-status': String(codes.RESOURCE_EXHAUSTED),
      'grpc-message': expect.stringContaining('too%20many%20events%20wait'),
    })
    expect(bytes).toBeLessThan(3 * 1000 * 1024)
    sluggard.close()
  })
})

it('an event is encoded once for all who hear of it', () => {
  const recent = new RecentMessages()
  let made = 0
  const make = () => Buffer.from(`${++made}`)
  const [one, other] = [{}, {}]
  const told = [one, one, one].map((stored) => recent.message(stored, 'ADDED pods', make))
  expect(new Set(told).size).toBe(1)
  expect(recent.message(one, 'MODIFIED pods', make)).not.toBe(told[0])
  expect(recent.message(other, 'ADDED pods', make).toString()).toBe('3')
  expect(made).toBe(3)
})

describe('a sender', () => {
  const event = (size: number) => ({ type: 'BOOKMARK', revision: size, isInitialEnd: false }) as const satisfies Notice
  const encode = (notice: Notice) => Buffer.alloc('revision' in notice ? notice.revision : 0)

  /** A transport that takes nothing until it is told to. */
  function slowSink() {
    const taken: (() => void)[] = []
    const log: string[] = []
    const sink: MessageSink = {
      write: (message, done) => {
        log.push(`write ${message.length}`)
        taken.push(done)
      },
      end: () => log.push('end'),
      cutOff: () => log.push('cut off'),
    }
    return { sink, log, take: () => taken.splice(0).forEach((done) => void done()) }
  }

  it('lets the writer go on: what is noticed is sent in a later turn', async () => {
    const { sink, log } = slowSink()
    const sender = new WatchSender({ sink, encode, pendingBytesMax: 1e6 })
    sender.begin([])
    for (let index = 0; index < 3; index++) sender.notify(event(5))
    expect(log).toEqual([])
    await new Promise((resolve) => setImmediate(resolve))
    expect(log).toEqual(['write 5', 'write 5', 'write 5'])
  })

  it('makes of a backlog no more than its reader takes', () => {
    const { sink, log, take } = slowSink()
    let made = 0
    const counted = (notice: Notice) => {
      made++
      return encode(notice)
    }
    const sender = new WatchSender({ sink, encode: counted, pendingBytesMax: 1e6 })
    sender.begin(Array.from({ length: 100 }, () => event(64 * 1024)))
    expect(made).toBe(2)
    take()
    expect(made).toBe(4)
    expect(log.every((line) => line === 'write 65536')).toBe(true)
  })

  it('sends what was noticed before it ends', () => {
    const { sink, log, take } = slowSink()
    const sender = new WatchSender({ sink, encode, pendingBytesMax: 1e6 })
    sender.begin([event(200_000)])
    sender.notify(event(7))
    sender.close()
    expect(log).toEqual(['write 200000'])
    take()
    expect(log).toEqual(['write 200000', 'write 7', 'end'])
  })

  it('cuts off a reader when too much waits, once', () => {
    const { sink, log } = slowSink()
    const closed: string[] = []
    const sender = new WatchSender({ sink, encode, pendingBytesMax: 1000 })
    sender.onClose(() => closed.push('closed'))
    sender.begin([])
    for (let index = 0; index < 20; index++) sender.notify(event(100))
    sender.close()
    expect(log).toEqual(['cut off'])
    expect(closed).toEqual(['closed'])
  })
})
