// Who calls: the metadata of a call, seen as the headers of a request.
import type { IncomingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import type { Metadata } from '@grpc/grpc-js'
import type { Status, UserInfo } from '../machinery/index.js'

export interface Caller {
  headers: IncomingHttpHeaders
  /** Names and values by turns: repeated names stay apart. */
  rawHeaders: readonly string[]
  /** Of the connection; asked for only where it tells who calls. */
  socket(): Socket | undefined
}

/** @returns who it is, or the Status the client gets */
export type Identify = (caller: Caller) => UserInfo | Status

const prefix = 'impersonate-'
const single = new Set(['impersonate-user', 'impersonate-uid'])

export function callerOf(metadata: Metadata, socket: () => Socket | undefined): Caller {
  const headers = metadata.getMap() as IncomingHttpHeaders
  const rawHeaders: string[] = []
  for (const name of Object.keys(headers)) {
    if (name.startsWith(prefix)) for (const value of valuesOf(metadata, name)) rawHeaders.push(name, value)
  }
  return { headers, rawHeaders, socket }
}

/** HTTP/2 may join what is repeated with commas on the way. Differs: so a group with a comma in its name is two groups here. */
function valuesOf(metadata: Metadata, name: string): string[] {
  const values = metadata.get(name).map(String)
  return single.has(name) ? values : values.flatMap((value) => value.split(',')).map((value) => value.trim())
}
