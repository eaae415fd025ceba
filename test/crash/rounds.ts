// Rounds: one file, and a server on it that is killed again and again: while a fleet writes, while it starts, and while it ends.
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { ResourceDefinition } from '../../src/machinery/index.js'
import { definitionOf, grpcClient, restWire } from '../grpc/wire.js'
import { type Chance, chanceOf } from '../support/chance.js'
import { allocationPromises, inspectAllocations } from './allocations.js'
import { Book, textOf } from './book.js'
import type { Checks } from './checks.js'
import { grpcStreams, type OpenStream, restStreams } from './event-streams.js'
import { type FileContent, inspectFile } from './file-inspection.js'
import { ensureWeb, Fleet, fleetPromises } from './fleet.js'
import { Follower, followerPromises } from './follower.js'
import { fleetKinds, namespace } from './kinds.js'
import { Ledger, promises } from './ledger.js'
import { inspectPods, podPromises } from './pods.js'
import { ServerProcess, scratch, startServer } from './server-process.js'

const filePromises = {
  integrity: 'PRAGMA integrity_check of the file that was left is ok',
  rows: 'every revision that was acknowledged is in the log, as it was acknowledged, until it is forgotten',
  single: 'a revision is only ever one state, for every reader, before and after every crash',
  starts: 'the server starts again on what was left',
} as const

// Small, so that what is given back is soon wanted again.
const flags = ['--nodes', '3', '--service-cluster-ip-range', '10.96.0.0/25', '--service-node-port-range', '30000-30299', '--etcd-compaction-interval', '10s']
/** Some resume only now and then: what they ask for may be forgotten by then. */
const lagRounds = 15
const reportedEvery = 20
/** The last writes: each forgets a few revisions. */
const lastWrites = 150

interface Followed {
  follower: Follower
  wire: 'rest' | 'grpc'
  lag: number
}

export interface RoundTotals {
  kills: { writing: number; starting: number; ending: number }
  acknowledged: number
  inFlight: number
  revisions: number
  events: number
  resumed: number
  expired: number
}

export async function runRounds({ kills, seed, checks }: { kills: number; seed: number; checks: Checks }): Promise<RoundTotals> {
  const run = new CrashRun(seed, checks)
  for (let round = 1; round <= kills; round++) {
    await run.round(round)
    if (checks.hasFailed) break
    if (round % reportedEvery === 0) process.stderr.write(`${round} of ${kills} kills\n`)
  }
  await run.last(kills + 1)
  return run.totals
}

class CrashRun {
  readonly #data = join(scratch, 'state.db')
  readonly #seed: number
  readonly #checks: Checks
  /** When to kill. */
  readonly #next: Chance
  /** What else is chosen, as often as what was found allows. */
  readonly #pick: Chance
  readonly #book = new Book()
  readonly #ledger = new Ledger(this.#book)
  readonly #followed: readonly Followed[]
  readonly #kills = { writing: 0, starting: 0, ending: 0 }
  #left: FileContent | undefined
  #startMillis = 300

  constructor(seed: number, checks: Checks) {
    this.#seed = seed
    this.#checks = checks
    this.#next = chanceOf(seed)
    this.#pick = chanceOf(seed + 1)
    checks.promise(...[promises, followerPromises, allocationPromises, podPromises, filePromises].flatMap((each) => Object.values(each)), ...fleetPromises)
    const follow = (wire: 'rest' | 'grpc', definition: ResourceDefinition, lag = 1): Followed => {
      const name = `${wire} watch of ${definition.plural}${lag > 1 ? ' now and then' : ''}`
      return { wire, lag, follower: new Follower({ name, definition, book: this.#book, checks }) }
    }
    const kinds = Object.values(fleetKinds).map(({ definition }) => definition)
    const typed = [fleetKinds.configMap, fleetKinds.service, fleetKinds.pod].map(({ definition }) => definition)
    const made = ['networking.k8s.io/v1/ipaddresses', 'discovery.k8s.io/v1/endpointslices'].map(definitionOf)
    this.#followed = [
      ...[...kinds, ...made].map((definition) => follow('rest', definition)),
      ...typed.map((definition) => follow('grpc', definition)),
      follow('rest', fleetKinds.service.definition, lagRounds),
      follow('grpc', fleetKinds.configMap.definition, lagRounds),
      follow('rest', fleetKinds.configMap.definition, Number.POSITIVE_INFINITY),
    ]
  }

  get totals(): RoundTotals {
    const sum = (of: (follower: Follower) => number) => this.#followed.reduce((total, { follower }) => total + of(follower), 0)
    const { acknowledged, inFlight } = this.#ledger
    return {
      kills: this.#kills,
      acknowledged,
      inFlight,
      revisions: this.#book.size,
      events: sum(({ events }) => events),
      resumed: sum(({ resumed }) => resumed),
      expired: sum(({ expired }) => expired),
    }
  }

  async round(round: number): Promise<void> {
    const way = this.#next(8)
    if (way === 0) await this.#killStarting()
    else await this.#killWriting(round, way === 1)
    this.#inspectFile()
  }

  /** The past is forgotten under those who have not looked since the first round; then everybody looks once more, and the server ends in order. */
  async last(round: number): Promise<void> {
    const forgetful = await this.#start(['--etcd-compaction-interval', '1ms'])
    if (!forgetful) return
    await this.#inspect(forgetful, round)
    const wanted = this.#ledger.acknowledged + lastWrites
    const written = this.#fleet(forgetful, round).run()
    while (this.#ledger.acknowledged < wanted && !forgetful.isDying) await pause(10)
    await forgetful.kill()
    await written
    this.#inspectFile()
    const server = await this.#start()
    if (!server) return
    await this.#lookAround(server, Number.POSITIVE_INFINITY)
    const { code } = await server.stop()
    this.#checks.hold(filePromises.starts, code === 0, () => `it ended with ${code} when it was asked to`)
    this.#inspectFile()
  }

  /** At any moment from the first instruction to the ready line. */
  async #killStarting(): Promise<void> {
    const server = new ServerProcess(this.#data, { flags })
    await Promise.race([server.ended, pause(this.#next(Math.ceil(this.#startMillis * 1.1)))])
    await server.kill()
    this.#kills.starting++
  }

  async #killWriting(round: number, inOrder: boolean): Promise<void> {
    const server = await this.#start()
    if (!server) return
    const stopLooking = await this.#lookAround(server, round)
    const fleet = this.#fleet(server, round)
    const written = fleet.run()
    // A cold server takes its time for the first request of each sort; some kills come before any answer.
    if (this.#next(8)) await Promise.race([fleet.first, server.ended])
    await pause(this.#next(this.#next(4) ? 300 : 1500))
    if (inOrder) {
      server.askToEnd()
      await Promise.race([server.ended, pause(this.#next(40))])
      this.#kills.ending++
    } else this.#kills.writing++
    await server.kill()
    await written
    stopLooking()
  }

  #fleet(server: ServerProcess, round: number): Fleet {
    return new Fleet({ server, ledger: this.#ledger, checks: this.#checks, round, seed: this.#seed })
  }

  /** Everybody who is due watches on, and all that is there is inspected. @returns what ends the watches */
  async #lookAround(server: ServerProcess, round: number): Promise<() => void> {
    const client = grpcClient(server.grpc)
    const following = await this.#follow(server, client, round)
    await this.#inspect(server, round)
    return () => {
      for (const { follower } of following) follower.stop()
      client.close()
    }
  }

  async #start(more: readonly string[] = []): Promise<ServerProcess | undefined> {
    const started = performance.now()
    try {
      const server = await startServer(this.#data, { flags: [...flags, ...more] })
      this.#startMillis = performance.now() - started
      this.#checks.hold(filePromises.starts, true, () => '')
      return server
    } catch (error) {
      this.#checks.hold(filePromises.starts, false, () => (error as Error).message)
      return undefined
    }
  }

  async #follow(server: ServerProcess, client: ReturnType<typeof grpcClient>, round: number): Promise<readonly Followed[]> {
    const rest = restWire(server.http)
    const open: Record<Followed['wire'], OpenStream> = { rest: restStreams(server.http), grpc: grpcStreams(client) }
    await ensureWeb(server.http)
    const due = this.#followed.filter(({ lag, follower }) => round === Number.POSITIVE_INFINITY || round % lag === 0 || follower.last === 0)
    for (const { follower, wire } of due) follower.begin(open[wire], follower.last ? undefined : await rest.list(follower.definition, {}))
    const compacted = this.#left?.compacted ?? 0
    await Promise.all(due.map(({ follower, wire }) => follower.catchUp(open[wire], () => rest.list(follower.definition, {}), compacted)))
    return due
  }

  async #inspect({ http }: ServerProcess, round: number): Promise<void> {
    const rest = restWire(http)
    for (const kind of Object.values(fleetKinds)) {
      // Controllers go on: watches may tell of more before the list is here.
      const { newest } = this.#book
      const list = await rest.list(kind.definition, { namespace })
      for (const object of list.items) this.#book.note(kind.definition.key, object)
      const revision = Number(list.metadata.resourceVersion)
      this.#checks.hold(promises.versions, revision >= newest, () => `the list of ${kind.definition.plural} is of ${revision}, ${newest} was seen before`)
      this.#ledger.settle(kind, list.items, this.#checks)
    }
    await inspectPods(http, this.#checks)
    if (round > 1) await inspectAllocations(http, { ledger: this.#ledger, book: this.#book, checks: this.#checks, next: this.#pick })
  }

  #inspectFile(): void {
    const content = inspectFile(this.#data)
    if (!content) return
    const { integrity, compacted, newest, rows } = content
    this.#left = content
    this.#checks.hold(filePromises.integrity, integrity === 'ok', () => integrity)
    this.#checks.hold(promises.versions, newest >= this.#book.newest, () => `the file ends at ${newest}, ${this.#book.newest} was acknowledged`)
    const byRevision = new Map(rows.map((row) => [row.revision, row]))
    for (const { resource, revision, text } of this.#ledger.takeRecent()) {
      if (revision <= compacted) continue
      const row = byRevision.get(revision)
      this.#checks.hold(
        filePromises.rows,
        row?.resource === resource && textOf(row.object) === text,
        () => `${resource} at ${revision} was ${text}, the file has ${JSON.stringify(row)}`,
      )
    }
    for (const { resource, object, type } of rows) this.#book.note(resource, object, type === 3)
    for (const { follower } of this.#followed)
      follower.compare(
        rows.filter(({ resource }) => resource === follower.definition.key).map(({ revision }) => revision),
        compacted,
      )
    this.#checks.hold(filePromises.single, !this.#book.contradictions.length, () => this.#book.contradictions.splice(0).join('\n      '))
  }
}
