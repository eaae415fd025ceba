// A log whose writer is killed at any moment, in the middle of a transaction or of forgetting the past.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { openStore, type Store, type WatchEvent } from '../../src/storage/index.js'
import { chanceOf } from '../support/chance.js'
import { writeNext, writerLimits } from '../support/log-writer.js'

const folder = mkdtempSync(join(tmpdir(), 'kubedouble-log-crash-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** @returns the last revision that the writer said is done */
function writeAndKill(path: string, lines: number): Promise<number> {
  const writer = join(import.meta.dirname, '..', 'support', 'log-writer.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', writer, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.on('data', (chunk) => {
    text += chunk
    if (text.split('\n').length > lines) child.kill('SIGKILL')
  })
  return new Promise((resolve) => child.once('close', () => resolve(Number(text.slice(0, text.lastIndexOf('\n')).split('\n').at(-1)))))
}

function contentOf(store: Store) {
  const items = store.list('v1/configmaps').map(({ name, revision, json }) => `${name}@${revision} ${json}`)
  return { revision: store.revision, items, events: store.after(store.compactedRevision) as readonly WatchEvent[] }
}

it('has all that was said to be done, and a past without gaps', async () => {
  const path = join(folder, 'state.db')
  const next = chanceOf(7)
  const model = openStore({ path: ':memory:', now: () => 0, historyLimits: { ...writerLimits, eventsMax: 1_000_000 } })
  let before = 0
  for (let round = 0; round < 5; round++) {
    const done = await writeAndKill(path, 20 + next(300))
    expect(done).toBeGreaterThan(before)
    const store = openStore({ path, now: () => 0, historyLimits: writerLimits })
    const { revision, items, events } = contentOf(store)
    expect(revision).toBeGreaterThanOrEqual(done)
    while (model.revision < revision) writeNext(model)
    expect({ revision, items }).toEqual({ revision: model.revision, items: contentOf(model).items })
    expect(events.map((event) => event.revision)).toEqual(events.map((_, index) => store.compactedRevision + 1 + index))
    const expected = model.after(store.compactedRevision) as readonly WatchEvent[]
    const shown = ({ type, stored, old }: WatchEvent) => `${type} ${stored.json} was ${old?.revision ?? 'absent'}`
    expect(events.map(shown)).toEqual(expected.map(shown))
    expect(events.length).toBeLessThan(writerLimits.eventsMax + 10)
    before = revision
    store.close()
  }
  model.close()
}, 60_000)
