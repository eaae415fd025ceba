// The file of static tokens: `token,user,uid,"group1,group2"` a line.
// Upstream: apiserver/pkg/authentication/token/tokenfile/tokenfile.go
import type { UserInfo } from '../machinery/index.js'
import { withAuthenticated } from './authentication.js'

/** @returns users by token, or `problem`: what is wrong in which line */
export function parseTokenFile(text: string): { users: Map<string, UserInfo> } | { problem: string } {
  const users = new Map<string, UserInfo>()
  for (const { fields, line } of readRecords(text)) {
    if (!fields) return { problem: `line ${line} has an unclosed or misplaced quote: write "group1,group2"` }
    const [token, username, uid, groups] = fields
    if (fields.length < 3) return { problem: `line ${line} has ${fields.length} of the three columns: write token,user,uid or token,user,uid,"group1,group2"` }
    // Upstream passes over lines without a token; the last line of a token counts.
    if (token) users.set(token, { username, ...(uid ? { uid } : {}), groups: withAuthenticated(groups ? groups.split(',') : []) })
  }
  return { users }
}

interface Line {
  /** Absent when the quotes do not match. */
  fields?: string[]
  line: number
}

const field = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y

function readRecords(text: string): Line[] {
  return text
    .split(/\r?\n/)
    .map((record, index) => ({ record, line: index + 1 }))
    .filter(({ record }) => record !== '')
    .map(({ record, line }) => ({ fields: readFields(record), line }))
}

function readFields(record: string): string[] | undefined {
  const fields: string[] = []
  field.lastIndex = 0
  for (;;) {
    const match = field.exec(record)
    if (!match) return undefined
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2])
    if (match[3] === '') return fields
  }
}
