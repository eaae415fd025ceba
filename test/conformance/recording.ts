// Recording: a conversation with a real Kubernetes 1.35 control plane, as data: what was sent, and what was answered.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { View } from './view.js'

export interface Recording {
  name: string
  steps: readonly Step[]
  /** Sent at the end, for what does not go with the namespace. */
  cleanup?: readonly WireRequest[]
}

/**
 * `${namespace}` in a path or body is a namespace made for this play of the recording; other names come from what earlier
 * steps captured.
 */
export interface Step {
  /** Verb, number of its kind in the recording, and what it shows. */
  id: string
  request: WireRequest
  /** Names of later `${…}`, and paths of their values in this answer. */
  capture?: Readonly<Record<string, string>>
  /** The request is repeated until the answer is so. */
  until?: Condition
  watch?: {
    /** Sent while the watch is open. */
    during?: readonly Step[]
    /** The watch is closed after so many events, */
    count?: number
    /** or after so long. */
    timeoutSeconds?: number
  }
  /** The part of the answer that was recorded; absent: all of it. */
  view?: View
  /** Paths in that part which are not compared, */
  leaveOut?: readonly string[]
  /** or of which only is compared that something is there: `<any>`. */
  hide?: readonly string[]
  /** Absent where only the effect matters. */
  answer?: Answer
}

export interface WireRequest {
  method: string
  path: string
  contentType?: string
  accept?: string
  /** A text is sent as it is. */
  body?: unknown
}

export interface Condition {
  code?: number
  /** What `path` says equals `is`. */
  path?: string
  is?: unknown
}

/** Placeholders stand in for what no two servers share. */
export interface Answer {
  code: number
  headers: Readonly<Record<string, string>>
  body: unknown
}

const folder = join(import.meta.dirname, 'recordings')

export function readRecordings(): Recording[] {
  const names = readdirSync(folder).map((file) => file.replace(/\.json$/, ''))
  return names.sort().map((name) => ({ name, ...(JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Omit<Recording, 'name'>) }))
}
