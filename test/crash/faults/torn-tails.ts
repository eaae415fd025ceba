// The end of what a killed process left beside the file is torn: what a power cut does. What is left must be a moment of the past, whole.
import { join } from 'node:path'
import { setImmediate as breath } from 'node:timers/promises'
import { DataFileError, type Store } from '../../../src/storage/index.js'
import type { Chance } from '../../support/chance.js'
import { contentOf, eventsOf, openAsWriter, WriterModel, writeAndKill } from '../../support/killed-writer.js'
import { writeNext } from '../../support/log-writer.js'
import type { Checks } from '../checks.js'
import { copyFile } from '../file-inspection.js'
import { bytesOf, change, tailSpoils } from './spoiling.js'

const moment = 'behind a torn tail is a moment of the past, whole, from which the log goes on'
const refused = 'a torn tail that cannot be made sense of is refused, and stays as it is'

export async function tornTails({ folder, checks, next, count }: { folder: string; checks: Checks; next: Chance; count: number }): Promise<void> {
  checks.promise(moment)
  const left = join(folder, 'left.db')
  const torn = join(folder, 'torn.db')
  const model = new WriterModel()
  // Of some hundred transactions in the tail, and of more than are kept there before they are moved into the file.
  for (const lines of [150, 600]) {
    const done = await writeAndKill(left, lines + next(lines))
    for (const [name, spoil] of Object.entries(tailSpoils)) {
      for (let time = 0; time < count; time++) {
        copyFile(left, torn)
        change(`${torn}-wal`, (bytes) => spoil(bytes, next))
        await breath()
        look(torn, `a tail that ${name}, of ${done}`)
      }
    }
  }

  function look(path: string, what: string): void {
    const before = bytesOf(path)
    let store: Store
    try {
      store = openAsWriter(path)
    } catch (error) {
      const isClear = error instanceof DataFileError && error.message.includes('is damaged (')
      checks.hold(refused, isClear && bytesOf(path) === before, () => `${what}: ${(error as Error).stack}`)
      return
    }
    for (let time = 0; time < 2; time++) {
      const { revision, compactedRevision } = store
      const isRight = same(contentOf(store), model.contentAt(revision)) && same(eventsOf(store), model.eventsBetween(compactedRevision, revision))
      checks.hold(moment, isRight, () => `${what}: at ${revision} there is ${contentOf(store)}`)
      for (let write = 0; write < 5; write++) writeNext(store)
      store.close()
      store = openAsWriter(path)
    }
    store.close()
  }
}

const same = (one: readonly string[], other: readonly string[]) => one.length === other.length && one.every((each, index) => each === other[index])
