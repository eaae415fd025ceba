// Files that a server has written: one that was closed in order, one whose server was killed.
import { join } from 'node:path'
import type { Plain } from '../../../src/machinery/index.js'
import { restWire } from '../../grpc/wire.js'
import { textOf } from '../book.js'
import { copyFile } from '../file-inspection.js'
import { fleetKinds, namespace } from '../kinds.js'
import { startServer } from '../server-process.js'

const { configMap } = fleetKinds

/** Texts by name. */
export type Content = Map<string, string>

type How = 'closed' | 'left'
export interface Made {
  how: How
  path: string
  content: Content
}

/** One file that was closed in order, one whose server was killed. */
export async function makeFiles(folder: string): Promise<Made[]> {
  const [closed, left] = (['closed', 'left'] as const).map((how) => ({ how, path: join(folder, `made-${how}.db`), content: new Map() as Content }))
  const first = await startServer(closed.path)
  await write(first.http, 0, 120)
  closed.content = await contentOf(first.http)
  await first.stop()
  copyFile(closed.path, left.path)
  const second = await startServer(left.path)
  await write(second.http, 120, 130)
  left.content = await contentOf(second.http)
  await second.kill()
  return [closed, left]
}

async function write(http: string, from: number, to: number): Promise<void> {
  const rest = restWire(http)
  for (let number = from; number < to; number++) {
    const object = configMap.object(`object-${number}`, `${number}-${configMap.endings[number % configMap.endings.length]}`)
    const answer = await rest.create(configMap.definition, object, { namespace })
    if (answer.kind === 'Status') throw new Error(`not written: ${JSON.stringify(answer)}`)
  }
}

export async function contentOf(http: string): Promise<Content> {
  const { items } = await restWire(http).list(configMap.definition, { namespace })
  const own = items.filter(({ metadata }: Plain) => metadata.labels?.app === 'fleet')
  return new Map(own.map((object: Plain) => [object.metadata.name, textOf(object)]))
}
