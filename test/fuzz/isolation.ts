// Isolation: two clusters of one process get the same requests by turns, each with a mark of its own, and neither ever sees the other's.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Kubedouble, startKubedouble } from '../../src/index.js'
import type { Plain } from '../../src/machinery/index.js'
import { builtInResources } from '../../src/resources/index.js'
import { grpcClient, grpcWire } from '../grpc/wire.js'
import { openWatch, type Watcher } from '../support/watcher.js'
import type { Checks } from './checks.js'
import { PipelinedConnection } from './connection.js'
import { bytesOf, describeRequest, type FuzzRequest, requestOf, stage } from './requests.js'
import { collectionOf } from './seeds.js'
import { mark } from './values.js'

export const isolationChecks = {
  answers: 'isolation: no answer of a cluster has the mark of the other',
  watches: 'isolation: no watch of a cluster tells of the other',
  contents: 'isolation: nothing that a cluster holds, over REST or gRPC, has the mark of the other, and no uid is in both',
  revisions: 'isolation: what is written to one cluster moves neither the versions nor the watches of the other',
  prototypes: 'isolation: nothing has been added to what all objects of the process inherit',
} as const

const listed = builtInResources.filter(({ verbs }) => verbs.includes('list'))
const watched = listed.filter(({ verbs, storedAs, key }) => verbs.includes('watch') && (storedAs === undefined || storedAs.key === key))
const inherited = [Object, Array, Function, String, Number, Map, Set, Promise, Buffer, Uint8Array, Error]
const membersOf = () => inherited.map(({ prototype }) => Reflect.ownKeys(prototype).map(String).sort().join(' '))

/** One of the two. */
interface Side {
  /** Of the same length as any other mark. */
  own: string
  other: string
  double: Kubedouble
  port: number
  watchers: Watcher[]
}

export async function checkIsolation({ seed, checks }: { seed: number; checks: Checks }, count: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'kubedouble-isolation-'))
  const before = membersOf()
  const marks = ['mark-left', 'mark-rght'] as const
  const sides = await Promise.all([openSide(folder, marks[0], marks[1]), openSide(folder, marks[1], marks[0])])
  try {
    await sendToBoth(sides, seed, count, checks)
    await Promise.all(sides.map(({ double }) => double.settled()))
    await checkContents(sides, checks)
    await checkRevisions(sides, checks)
    for (const side of sides)
      for (const [index, { chunks }] of side.watchers.entries())
        checks.note(isolationChecks.watches, problemOf(side, Buffer.concat(chunks)), () => watched[index].key)
  } finally {
    for (const { watchers, double } of sides) {
      for (const watcher of watchers) watcher.stop()
      await double.close()
    }
    rmSync(folder, { recursive: true, force: true })
  }
  const added = membersOf().findIndex((members, index) => members !== before[index])
  checks.note(isolationChecks.prototypes, added < 0 ? undefined : `${inherited[added].name}.prototype has changed`)
}

async function openSide(folder: string, own: string, other: string): Promise<Side> {
  const double = await startKubedouble({ kubeconfig: join(folder, own), certDir: join(folder, `${own}-certificates`), nodes: 1, logLevel: 'error' })
  const port = Number(new URL(double.http as string).port)
  const watchers = await Promise.all(watched.map((definition) => openWatch(port, `${collectionOf(definition)}?watch=1`)))
  return { own, other, double, port, watchers }
}

/** A text that is in an answer though it was never said to this cluster. */
function problemOf({ other }: Side, bytes: Buffer): string | undefined {
  const at = bytes.indexOf(other)
  return at < 0 ? undefined : `the other's mark: ${bytes.subarray(Math.max(at - 100, 0), at + 100)}`
}

const pipelineDepth = 4

async function sendToBoth(sides: readonly Side[], seed: number, count: number, checks: Checks): Promise<void> {
  const requests = [...stage(), ...Array.from({ length: count }, (_, index) => requestOf(seed ^ 0x150, index))].filter(({ isWatch }) => !isWatch)
  const connections = new Map<Side, PipelinedConnection>()
  for (let at = 0; at < requests.length; at += pipelineDepth) {
    const batch = requests.slice(at, at + pipelineDepth)
    // Both at once: what one does falls between what the other does.
    await Promise.all(sides.map((side) => sendBatch(side, connections, batch, seed, checks)))
  }
  for (const connection of connections.values()) connection.close()
}

async function sendBatch(side: Side, connections: Map<Side, PipelinedConnection>, batch: readonly FuzzRequest[], seed: number, checks: Checks): Promise<void> {
  const open = connections.get(side)
  const connection = open?.isOpen ? open : await PipelinedConnection.open(side.port)
  connections.set(side, connection)
  const outcomes = await Promise.all(batch.map((request) => connection.send(marked(side, request), request.method === 'HEAD')))
  for (const [index, outcome] of outcomes.entries()) {
    if (!('answer' in outcome)) continue
    const { headers, body } = outcome.answer
    checks.note(isolationChecks.answers, problemOf(side, Buffer.concat([Buffer.from(JSON.stringify(headers)), body])), () =>
      describeRequest(seed, batch[index]),
    )
  }
}

/** Who writes is marked too, so that every object tells where it was made. */
function marked({ own }: Side, request: FuzzRequest): Buffer {
  const headers = request.headers.map(([name, value]) => (name === 'User-Agent' ? ([name, `${mark}/1`] as const) : ([name, value] as const)))
  return Buffer.from(
    bytesOf({ ...request, headers })
      .toString('latin1')
      .replaceAll(mark, own),
    'latin1',
  )
}

async function checkContents(sides: readonly Side[], checks: Checks): Promise<void> {
  const uids = sides.map(() => new Set<string>())
  for (const [index, side] of sides.entries()) {
    const client = grpcClient(side.double.grpc as string)
    const wire = grpcWire(client, 'generic')
    let hasOwn = false
    for (const definition of listed) {
      const path = collectionOf(definition)
      const text = await (await fetch(`http://127.0.0.1:${side.port}${path}`)).text()
      checks.note(isolationChecks.contents, problemOf(side, Buffer.from(text)), () => path)
      hasOwn ||= text.includes(side.own)
      for (const { metadata } of (JSON.parse(text) as Plain).items) if (metadata.uid) uids[index].add(metadata.uid)
      checks.note(isolationChecks.contents, problemOf(side, Buffer.from(JSON.stringify(await wire.list(definition, {})))), () => `gRPC ${path}`)
    }
    client.close()
    checks.note(isolationChecks.contents, hasOwn ? undefined : 'nothing has the own mark either')
  }
  const shared = [...uids[0]].filter((uid) => uids[1].has(uid))
  checks.note(isolationChecks.contents, shared.length ? `${shared.length} uids are in both: ${shared[0]}` : undefined)
}

const writes = 30

async function checkRevisions(sides: readonly Side[], checks: Checks): Promise<void> {
  for (const side of sides) {
    const other = sides.find((each) => each !== side) as Side
    const before = await stateOf(other)
    for (let count = 0; count < writes; count++) {
      const body = JSON.stringify({ metadata: { generateName: `${side.own}-` }, data: { mark: side.own } })
      await fetch(`http://127.0.0.1:${side.port}/api/v1/namespaces/default/configmaps`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
      })
    }
    await side.double.settled()
    const after = await stateOf(other)
    checks.note(isolationChecks.revisions, after === before ? undefined : `${before} became ${after}`)
  }
}

/** The version that a cluster has come to, and how much its watches have told. */
async function stateOf({ port, watchers, double }: Side): Promise<string> {
  await double.settled()
  const { metadata } = (await (await fetch(`http://127.0.0.1:${port}/api/v1/namespaces?limit=1`)).json()) as Plain
  return `version ${metadata.resourceVersion}, ${watchers.reduce((sum, { events }) => sum + events.length, 0)} events`
}
