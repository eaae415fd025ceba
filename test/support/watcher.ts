// A reader of watches over plain HTTP, which can also refuse to read.
import http, { type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Plain } from '../../src/machinery/index.js'

export interface WatchedEvent {
  type: string
  object: Plain
}

export interface Watcher {
  response: IncomingMessage
  events: WatchedEvent[]
  /** Chunks as they came in: each is a write of the server, or part of one. */
  chunks: Buffer[]
  /** Waits until so many events have come. */
  until(count: number): Promise<WatchedEvent[]>
  /** How the stream ended: in good order, or not. */
  ended: Promise<'complete' | 'cut off'>
  stop(): void
}

export function openWatch(port: number, path: string, headers: OutgoingHttpHeaders = {}): Promise<Watcher> {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: '127.0.0.1', port, path, headers, agent: false }, (response) => resolve(watcherOf(response)))
    request.on('error', reject)
  })
}

function watcherOf(response: IncomingMessage): Watcher {
  const events: WatchedEvent[] = []
  const chunks: Buffer[] = []
  let rest = ''
  let wake = () => {}
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    if (!response.headers['content-type']?.includes('json')) return
    const lines = (rest + chunk.toString()).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) events.push(JSON.parse(line) as WatchedEvent)
    wake()
  })
  const ended = new Promise<'complete' | 'cut off'>((resolve) => {
    response.on('error', () => {})
    response.on('close', () => resolve(response.complete ? 'complete' : 'cut off'))
  })
  return {
    response,
    events,
    chunks,
    ended,
    async until(count) {
      while (events.length < count) {
        const more = new Promise<void>((resolve) => {
          wake = resolve
        })
        if ((await Promise.race([more, ended])) !== undefined && events.length < count) throw new Error(`the watch ended after ${events.length} events`)
      }
      return events
    },
    stop: () => void response.destroy(),
  }
}

/** Asks, and reads nothing. */
export function openDeafWatch(port: number, path: string): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
      socket.pause()
      resolve(socket)
    })
    socket.on('error', () => {})
  })
}
