// A file whose writer was killed at any moment, and the model of what it wrote.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { openStore, type Store, type WatchEvent } from '../../src/storage/index.js'
import { writeNext, writerLimits } from './log-writer.js'

/** @returns the last revision that the writer said is done */
export function writeAndKill(path: string, lines: number): Promise<number> {
  const child = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'log-writer.ts'), path], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.on('data', (chunk) => {
    text += chunk
    if (text.split('\n').length > lines) child.kill('SIGKILL')
  })
  return new Promise((resolve) => child.once('close', () => resolve(Number(text.slice(0, text.lastIndexOf('\n')).split('\n').at(-1)))))
}

export function openAsWriter(path: string): Store {
  return openStore({ path, now: () => 0, historyLimits: writerLimits })
}

/** The log that the writer writes, up to any revision, with all of its past. */
export class WriterModel {
  readonly #store = openStore({ path: ':memory:', now: () => 0, historyLimits: { ...writerLimits, eventsMax: 1_000_000 } })

  /** What there is at a revision, as text. */
  contentAt(revision: number): string[] {
    while (this.#store.revision < revision) writeNext(this.#store)
    const items = this.#store.listAt(revision, 'v1/configmaps')
    if (items === 'compacted') throw new Error(`the model has forgotten ${revision}`)
    return items.map(({ name, revision: at, line }) => `${name}@${at} ${line}`)
  }

  /** What has happened after one revision, up to another. */
  eventsBetween(after: number, last: number): string[] {
    return (this.#store.after(after) as readonly WatchEvent[]).filter(({ revision }) => revision <= last).map(shownEvent)
  }
}

export function contentOf(store: Store): string[] {
  return store.list('v1/configmaps').map(({ name, revision, line }) => `${name}@${revision} ${line}`)
}

export function eventsOf(store: Store): string[] {
  return (store.after(store.compactedRevision) as readonly WatchEvent[]).map(shownEvent)
}

const shownEvent = ({ type, stored, old, revision }: WatchEvent) => `${revision} ${type} ${stored.line} was ${old?.revision ?? 'absent'}`
