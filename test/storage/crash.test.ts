// A log whose writer is killed at any moment, in the middle of a transaction or of forgetting the past.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import type { WatchEvent } from '../../src/storage/index.js'
import { chanceOf } from '../support/chance.js'
import { contentOf, eventsOf, openAsWriter, WriterModel, writeAndKill } from '../support/killed-writer.js'
import { writerLimits } from '../support/log-writer.js'

const folder = mkdtempSync(join(tmpdir(), 'kubedouble-log-crash-'))
afterAll(() => rmSync(folder, { recursive: true }))

it('has all that was said to be done, and a past without gaps', async () => {
  const path = join(folder, 'state.db')
  const next = chanceOf(7)
  const model = new WriterModel()
  let before = 0
  for (let round = 0; round < 5; round++) {
    const done = await writeAndKill(path, 20 + next(300))
    expect(done).toBeGreaterThan(before)
    const store = openAsWriter(path)
    const { revision, compactedRevision } = store
    expect(revision).toBeGreaterThanOrEqual(done)
    expect(contentOf(store)).toEqual(model.contentAt(revision))
    const events = store.after(compactedRevision) as readonly WatchEvent[]
    expect(events.map((event) => event.revision)).toEqual(events.map((_, index) => compactedRevision + 1 + index))
    expect(eventsOf(store)).toEqual(model.eventsBetween(compactedRevision, revision))
    expect(events.length).toBeLessThan(writerLimits.eventsMax + 10)
    before = revision
    store.close()
  }
}, 60_000)
