// A page of the file goes bad under a server that runs: it takes writes or refuses them in words, and what it took is there when the page is whole again.
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { restWire } from '../../grpc/wire.js'
import { textOf } from '../book.js'
import type { Checks } from '../checks.js'
import { copyFile } from '../file-inspection.js'
import { fleetKinds, namespace } from '../kinds.js'
import { ServerProcess, startServer } from '../server-process.js'
import { contentOf, type Made } from './made-files.js'
import { pageBytes, pageOf, pageTypes } from './spoiling.js'

const name = 'a page that goes bad under a running server: writes are taken or refused in words, and what was taken is there when the page is whole again'
const { configMap } = fleetKinds
const noise = Buffer.alloc(pageBytes, 'noise')

export async function spoilWhileRunning({ path: from }: Made, folder: string, checks: Checks): Promise<void> {
  const own = join(folder, 'running')
  mkdirSync(own)
  const path = join(own, 'state.db')
  copyFile(from, path)
  // What is forgotten is removed from old pages at once.
  const server = await startServer(path, { flags: ['--etcd-compaction-interval', '1ms'] })
  const content = await contentOf(server.http)
  const before = readFileSync(path)
  const at = pageOf(pageTypes.rows)(before)
  overwrite(path, at, noise)
  const rest = restWire(server.http)
  for (const object of content.keys()) {
    const answer = await rest.patch(configMap.definition, { metadata: { annotations: { looked: 'at' } } }, { namespace, name: object, type: 'merge' })
    if (answer.kind === 'ConfigMap') content.set(object, textOf(answer))
    else checks.hold(name, answer.code === 500 && /\.db cannot be written \(.+\)/.test(answer.message), () => JSON.stringify(answer))
  }
  await server.kill()
  // A page that was written anew since then is whole.
  const isStillBad = readFileSync(path)
    .subarray(at, at + pageBytes)
    .equals(noise)
  const first = new ServerProcess(path, {})
  const isReady = await first.ready
  if (isReady) await first.kill()
  const { code, stderr } = await first.ended
  checks.hold(name, isReady || (code === 2 && stderr.includes('is damaged (')), () => `it ended with ${code}: ${stderr}`)
  if (!isReady && isStillBad) overwrite(path, at, before.subarray(at, at + pageBytes))
  const mended = await startServer(path)
  const found = await contentOf(mended.http)
  for (const [object, text] of content) checks.hold(name, found.get(object) === text, () => `${object} was ${text}, and is ${found.get(object)}`)
  await mended.kill()
}

function overwrite(path: string, at: number, bytes: Buffer): void {
  const file = openSync(path, 'r+')
  writeSync(file, bytes, 0, bytes.length, at)
  closeSync(file)
}
