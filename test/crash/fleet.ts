// Fleet: writers over every wire, each with objects of its own, that go on until the server is gone.
import type { Client } from '@grpc/grpc-js'
import { type Plain, recanonicalize } from '../../src/machinery/index.js'
import { grpcClient, grpcWire, messages, restWire, type Wire } from '../grpc/wire.js'
import { type Chance, chanceOf } from '../support/chance.js'
import type { Checks } from './checks.js'
import { type FleetKind, fleetKinds, namespace } from './kinds.js'
import type { Entry, Ledger } from './ledger.js'
import type { ServerProcess } from './server-process.js'

const refusals = 'a write is refused for a reason only'
const broken = 'a request breaks off only when the server is killed'
export const fleetPromises = [refusals, broken]

const namesEach = 5
const webs = 'fleet-web'

interface Writer {
  readonly id: string
  readonly wire: Wire
  readonly next: Chance
  readonly kinds: readonly FleetKind[]
}

export class Fleet {
  readonly #server: ServerProcess
  readonly #ledger: Ledger
  readonly #checks: Checks
  readonly #round: number
  readonly #client: Client
  readonly #writers: readonly Writer[]
  #stamps = 0
  #tellFirst = () => {}
  /** A write was acknowledged. */
  readonly first = new Promise<void>((resolve) => {
    this.#tellFirst = resolve
  })

  constructor({ server, ledger, checks, round, seed }: { server: ServerProcess; ledger: Ledger; checks: Checks; round: number; seed: number }) {
    this.#server = server
    this.#ledger = ledger
    this.#checks = checks
    this.#round = round
    this.#client = grpcClient(server.grpc)
    const [rest, typed, generic] = [restWire(server.http), grpcWire(this.#client, 'typed'), grpcWire(this.#client, 'generic')]
    const { configMap, service, pod, replicaSet } = fleetKinds
    const all = [configMap, service, service, pod]
    this.#writers = [rest, typed, rest, generic, rest, typed]
      .map((wire, index): Writer => ({ id: `w${index}`, wire, kinds: all, next: chanceOf(seed * 1009 + round * 31 + index) }))
      .concat({ id: 'scaler', wire: rest, kinds: [replicaSet], next: chanceOf(seed * 1009 + round * 31 + 30) })
  }

  /** Until the server is gone. */
  async run(): Promise<void> {
    await Promise.all(this.#writers.map((writer) => this.#writeOn(writer)))
    this.#client.close()
  }

  async #writeOn(writer: Writer): Promise<void> {
    while (!this.#server.isDying) {
      const kind = writer.kinds[writer.next(writer.kinds.length)]
      const entry = this.#ledger.entry(kind, this.#nameFor(writer, kind))
      try {
        await this.#write(writer, entry)
      } catch (error) {
        // Whether it was done nobody knows: the ledger keeps it as in flight.
        this.#checks.hold(broken, this.#server.isDying || (await endsSoon(this.#server)), () => `${writer.wire.name}: ${(error as Error).stack}`)
        return
      }
    }
  }

  #nameFor({ id, next }: Writer, { definition }: FleetKind): string {
    if (definition.kind === 'ReplicaSet') return 'fleet-set'
    return `${id}-${definition.kind.toLowerCase()}-${next(namesEach)}`
  }

  async #write(writer: Writer, entry: Entry): Promise<void> {
    const { kind } = entry
    const { endings, definition } = kind
    // One that is on its way out ends when its time comes.
    if (entry.standing === 'leaving') {
      const found = await writer.wire.get(definition, { namespace, name: entry.name })
      if (found.kind === 'Status' && found.code === 404) entry.standing = 'absent'
      else await new Promise((resolve) => setTimeout(resolve, 5))
      return
    }
    const stamp = `r${this.#round}-${writer.id}-${this.#stamps++}-${endings[writer.next(endings.length)]}`
    const answer = await this.#ask(writer, entry, stamp)
    const isRefused = answer.kind === 'Status' && answer.status === 'Failure'
    // A server that ends in order may refuse what it has no time for.
    if (isRefused && this.#server.isDying) return
    this.#checks.hold(
      refusals,
      !isRefused || mayBeRefused(answer),
      () => `${writer.wire.name}, ${definition.kind}: ${JSON.stringify([entry.pending, answer, entry.standing])}`,
    )
    if (isRefused) entry.pending = undefined
    else this.#ledger.acknowledge(entry, answer.kind === definition.kind ? inOrder(answer, kind) : answer)
    this.#tellFirst()
  }

  #ask({ wire, next }: Writer, entry: Entry, stamp: string): Promise<Plain> {
    const { kind, name, standing } = entry
    const { definition } = kind
    if (typeof standing !== 'object') {
      entry.pending = { verb: 'create', stamp }
      return wire.create(definition, kind.object(name, stamp), { namespace })
    }
    const change = kind.change(stamp, standing.stamp)
    if (!change || (definition.kind !== 'ReplicaSet' && next(4) === 0)) {
      entry.pending = { verb: 'delete' }
      return wire.delete(definition, { namespace, name, ...(next(2) ? { gracePeriodSeconds: 0 } : {}) })
    }
    entry.pending = { verb: 'change', stamp }
    const way = next(4)
    if (way === 0)
      return wire.apply(
        definition,
        { apiVersion: definition.apiVersion, kind: definition.kind, ...change, metadata: { ...change.metadata, name, namespace } },
        { namespace, name, fieldManager: 'fleet', force: true },
      )
    if (way === 1 && definition.kind === 'ConfigMap') return wire.update(definition, kind.object(name, stamp), { namespace, name })
    return wire.patch(definition, change, { namespace, name, type: way === 2 ? 'strategic' : 'merge' })
  }
}

/** Fields of a Struct have no order of their own. */
const inOrder = (answer: Plain, { definition }: FleetKind): Plain => recanonicalize(messages.shape(definition.shape.key), answer) as Plain

/** A process that was killed answers nothing before it is known to have ended. */
function endsSoon(server: ServerProcess): Promise<boolean> {
  return Promise.race([server.ended.then(() => true), new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 2000))])
}

/** Controllers write some of these objects too. */
const mayBeRefused = ({ reason }: Plain) => reason === 'Conflict'

/** The Service whose endpoints are the pods of all writers. */
export async function ensureWeb(http: string): Promise<void> {
  const object = { kind: 'Service', apiVersion: 'v1', metadata: { name: webs, namespace }, spec: { selector: { app: 'fleet' }, ports: [{ port: 80 }] } }
  const answer = await restWire(http).create(fleetKinds.service.definition, object, { namespace })
  if (answer.kind === 'Status' && answer.reason !== 'AlreadyExists') throw new Error(`no Service: ${JSON.stringify(answer)}`)
}
