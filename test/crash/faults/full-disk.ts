// A disk that is full: the server says so, goes on with what it has, keeps what it acknowledged, and writes again when there is room.
import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Plain } from '../../../src/machinery/index.js'
import { definitionOf, grpcClient, grpcWire, restWire, type Wire } from '../../grpc/wire.js'
import { textOf } from '../book.js'
import type { Checks } from '../checks.js'
import { restStreams } from '../event-streams.js'
import { inspectFile } from '../file-inspection.js'
import { fleetKinds, namespace } from '../kinds.js'
import { ServerProcess, type StartOptions, startServer } from '../server-process.js'

const configMaps = fleetKinds.configMap.definition
const pods = definitionOf('v1/pods')
const refusalsWanted = 6
const writesMax = 2000
const settleMillisMax = 20_000

const names = (disk: string) => ({
  refused: `${disk}: a write is refused with a Status that says why`,
  reads: `${disk}: reads and watches go on, and show what was acknowledged and nothing else`,
  again: `${disk}: writes and controllers go on when there is room again`,
  start: `${disk}: a server that cannot start there says why and ends`,
  kept: `${disk}: everything acknowledged is there after a kill, when there is room again`,
})

interface Disk {
  name: string
  data: string
  options: StartOptions
  /** While the server runs; absent where that cannot be. */
  makeRoom?(): void
  /** Fills it up again. */
  fill?(): void
}

export async function fullDisks({ folder, checks }: { folder: string; checks: Checks }): Promise<void> {
  // What the system calls a file too large, and what it calls a disk without room, are two errors.
  const limited: Disk = { name: 'a file that may not grow', data: join(folder, 'limited.db'), options: { fileKilobytesMax: 1500 } }
  const disk = mountDisk(join(folder, 'disk'))
  if (typeof disk === 'string') console.log(`left out: a disk of its own may not be mounted here (${disk})`)
  try {
    await Promise.all((typeof disk === 'string' ? [limited] : [limited, disk]).map((each) => tryDisk(each, checks)))
  } finally {
    if (typeof disk !== 'string') disk.unmount()
  }
}

/** A small disk, with ballast that can be thrown off. @returns why there is none */
function mountDisk(place: string): (Disk & { unmount(): void }) | string {
  mkdirSync(place)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', place], { stdio: 'pipe' })
  } catch (error) {
    return (error as Error).message.split('\n').at(-1) || (error as Error).message
  }
  const unmount = () => void execFileSync('umount', [place], { stdio: 'pipe' })
  const ballast = join(place, 'ballast')
  const load = (bytesMax: number) => {
    const file = openSync(ballast, 'a')
    try {
      for (let bytes = 0; bytes < bytesMax; ) bytes += writeSync(file, Buffer.alloc(Math.min(4096, bytesMax - bytes)))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    }
    closeSync(file)
  }
  load(22 * 1024 * 1024)
  return {
    name: 'a full disk',
    data: join(place, 'state.db'),
    options: {},
    makeRoom: () => rmSync(ballast),
    fill: () => load(Number.POSITIVE_INFINITY),
    unmount,
  }
}

async function tryDisk({ name, data, options, makeRoom, fill }: Disk, checks: Checks): Promise<void> {
  const check = names(name)
  const flags = ['--nodes', '2']
  const server = await startServer(data, { ...options, flags })
  const client = grpcClient(server.grpc)
  const wires = [restWire(server.http), grpcWire(client, 'typed')]
  const acknowledged = new Map<string, string>()
  const told: string[] = []
  const { metadata } = await wires[0].list(configMaps, { namespace })
  const watch = restStreams(server.http)(
    configMaps,
    Number(metadata.resourceVersion),
    ({ object }) => void (object.metadata.namespace === namespace && told.push(object.metadata.name)),
  )
  const lookAt = async () => {
    const items = (await wires[0].list(configMaps, { namespace })).items.filter(({ metadata }: Plain) => metadata.name.startsWith('map-'))
    const found = items.map((object: Plain) => textOf(object)).sort()
    checks.hold(check.reads, same(found, [...acknowledged.values()].sort()), () => `${found.length} are listed, ${acknowledged.size} were acknowledged`)
  }
  const fillUp = async () => {
    for (const refusal of await writeUntilRefused(wires, acknowledged)) {
      const { status, reason, code, message } = refusal
      const isClear =
        status === 'Failure' &&
        reason === 'InternalError' &&
        code === 500 &&
        /\.db cannot be written \(.+\): nothing of this is kept; make room on its disk/.test(message)
      checks.hold(check.refused, isClear, () => JSON.stringify(refusal))
    }
    await lookAt()
  }
  await fillUp()
  if (makeRoom && fill) {
    makeRoom()
    const before = acknowledged.size
    await writeSome(wires[0], acknowledged, 5)
    checks.hold(check.again, acknowledged.size === before + 5, () => 'a write is still refused')
    checks.hold(check.again, await areRunning(wires[0]), () => 'pods do not run')
    fill()
    await fillUp()
  }
  await server.kill()
  await watch.ended
  client.close()
  checks.hold(check.reads, same(told, [...acknowledged.keys()]), () => `a watch told of ${told.length}, ${acknowledged.size} were acknowledged`)
  await startWhileFull(data, { ...options, flags }, check.start, checks)
  makeRoom?.()
  const integrity = inspectFile(data)?.integrity
  checks.hold(check.kept, integrity === 'ok', () => String(integrity))
  const roomy = await startServer(data, { flags })
  const { items } = await restWire(roomy.http).list(configMaps, { namespace })
  const found = new Map<string, string>(items.map((object: Plain) => [object.metadata.name, textOf(object)]))
  for (const [map, text] of acknowledged) checks.hold(check.kept, found.get(map) === text, () => `${map} was ${text}, and is ${found.get(map)}`)
  checks.hold(check.again, await areRunning(restWire(roomy.http)), () => 'pods do not run')
  await roomy.kill()
}

/** Whether it starts depends on what there is to be written; that it hangs, or ends without a word, does not. */
async function startWhileFull(data: string, options: StartOptions, name: string, checks: Checks): Promise<void> {
  const server = new ServerProcess(data, options)
  const outcome = await Promise.race([server.ready, new Promise<'hangs'>((resolve) => setTimeout(() => resolve('hangs'), settleMillisMax).unref())])
  if (outcome !== false) await server.kill()
  const { code, stderr } = await server.ended
  const isClear =
    outcome === true || (outcome === false && code === 2 && /cannot be (?:written|opened) \(.+\)/.test(stderr) && stderr.trim().split('\n').length === 1)
  checks.hold(name, isClear, () => `${outcome}, ${code}: ${stderr}`)
}

/** @returns the refusals */
async function writeUntilRefused(wires: readonly Wire[], acknowledged: Map<string, string>): Promise<Plain[]> {
  const refusals: Plain[] = []
  for (let count = 0; refusals.length < refusalsWanted && count < writesMax; count++) {
    const wire = wires[count % wires.length]
    if (count % 10 === 0)
      await wire.create(pods, { metadata: { name: `pod-${acknowledged.size}` }, spec: { containers: [{ name: 'c', image: 'i' }] } }, { namespace })
    refusals.push(...(await writeSome(wire, acknowledged, 1)))
  }
  return refusals
}

let written = 0
async function writeSome(wire: Wire, acknowledged: Map<string, string>, count: number): Promise<Plain[]> {
  const refusals: Plain[] = []
  for (let index = 0; index < count; index++) {
    const name = `map-${written++}`
    const answer = await wire.create(configMaps, { metadata: { name }, data: { value: 'x'.repeat(20_000) } }, { namespace })
    if (answer.kind === 'Status') refusals.push(answer)
    else acknowledged.set(name, textOf(answer))
  }
  return refusals
}

async function areRunning(wire: Wire): Promise<boolean> {
  const deadline = performance.now() + settleMillisMax
  while (performance.now() < deadline) {
    const { items } = await wire.list(pods, { namespace })
    if (items.length > 0 && items.every(({ status }: Plain) => status.phase === 'Running')) return true
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return false
}

const same = (one: readonly string[], other: readonly string[]) => one.length === other.length && one.every((each, index) => each === other[index])
