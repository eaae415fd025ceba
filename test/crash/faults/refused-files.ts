// Files that the server cannot use: it says why in one line, ends with a code that is not zero, and leaves them as they are.
// When the fault is mended everything acknowledged is there.
import { chownSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Checks } from '../checks.js'
import { copyFile } from '../file-inspection.js'
import { ServerProcess } from '../server-process.js'
import { type FileFault, fileFaults } from './file-faults.js'
import { contentOf, type Made } from './made-files.js'
import { bytesOf } from './spoiling.js'

const misuse = 2

/** @param isShort each fault with one of the files only */
export async function refusedFiles({
  made,
  folder,
  checks,
  isShort,
}: {
  made: readonly Made[]
  folder: string
  checks: Checks
  isShort: boolean
}): Promise<void> {
  const cases = fileFaults.flatMap((fault, number) => {
    const fitting = made.filter(({ how }) => how === 'closed' || !fault.isMadeUpFor)
    const chosen = isShort ? [fitting[number % fitting.length]] : fitting
    return chosen.map((each) => ({ fault, each, own: join(folder, `${number}-${each.how}`) }))
  })
  // Two cores: while one server starts another is looked at.
  await Promise.all(
    [0, 1].map(async (worker) => {
      for (const { fault, each, own } of cases.filter((_, index) => index % 2 === worker)) await tryFault(fault, each, own, checks)
    }),
  )
}

async function tryFault(fault: FileFault, { how, path: from, content }: Made, own: string, checks: Checks): Promise<void> {
  const name = `${fault.name}: it is refused in words and stays as it is, and mended it has everything`
  // Who may do everything does not notice what is forbidden; others are forbidden it themselves.
  const uid = process.getuid?.() === 0 ? fault.uid : undefined
  const path = join(own, 'state.db')
  mkdirSync(own)
  copyFile(from, path)
  if (uid !== undefined) for (const each of [own, ...readdirSync(own).map((file) => join(own, file))]) chownSync(each, uid, uid)
  const original = bytesOf(path)
  const mend = await fault.spoil(path)
  if (typeof mend === 'string') {
    console.log(`left out: ${fault.name} (${mend})`)
    return
  }
  const spoiled = bytesOf(path)
  const server = new ServerProcess(path, { uid })
  const isReady = await server.ready
  if (isReady) await server.kill()
  const { code, stderr } = await server.ended
  const isClear = code === misuse && fault.message.test(stderr) && stderr.trim().split('\n').length === 1
  checks.hold(name, !isReady && isClear, () => `a file that was ${how}: ${isReady ? 'the server starts' : `the server ended with ${code}: ${stderr}`}`)
  checks.hold(name, bytesOf(path) === spoiled, () => `a file that was ${how} has changed`)
  await mend()
  checks.hold(name, fault.isShared || bytesOf(path) === original, () => `a file that was ${how} is not mended`)
  const mended = new ServerProcess(path, { uid })
  if (!(await mended.ready)) {
    const ending = await mended.ended
    checks.hold(name, false, () => `a file that was ${how}, mended: ${ending.stderr}`)
    return
  }
  const found = await contentOf(mended.http)
  checks.hold(
    name,
    JSON.stringify([...found]) === JSON.stringify([...content]),
    () => `a file that was ${how}: of ${content.size} objects ${found.size} are there`,
  )
  await mended.kill()
}
