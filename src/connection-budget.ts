// ConnectionBudget: how many connections all ports together may have. Without a file descriptor left the process could neither load
// what it loads on demand nor write its state: so a few are kept, and connections beyond the rest are closed at once.
import { readFileSync } from 'node:fs'
import type { Server, Socket } from 'node:net'

// The log, the ports, and what is loaded or read on demand.
const keptFiles = 100

/** How many files this process may have open, where the system says it. Node has raised it as far as it may go. */
export function openFilesMax(): number {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1')) ?? []
    return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft)
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

export class ConnectionBudget {
  readonly #max: number
  readonly #logger: { warn(text: string): void }
  /** Connections of each server. */
  readonly #open = new Map<Server, number>()
  #hasWarned = false

  constructor(filesMax: number, logger: { warn(text: string): void }) {
    this.#max = Math.max(filesMax - Math.min(keptFiles, filesMax / 2), 1)
    this.#logger = logger
  }

  limit(server: Server): void {
    if (this.#max === Number.POSITIVE_INFINITY) return
    this.#add(server, 0)
    server.on('connection', (socket: Socket) => {
      this.#add(server, 1)
      socket.once('close', () => this.#add(server, -1))
    })
    server.on('drop', () => this.#warn())
  }

  get #count(): number {
    let count = 0
    for (const open of this.#open.values()) count += open
    return count
  }

  /** Each server may have its own ones, and whatever is left; 0 would be no limit. */
  #add(to: Server, connections: 0 | 1 | -1): void {
    this.#open.set(to, (this.#open.get(to) ?? 0) + connections)
    const left = Math.floor(this.#max - this.#count)
    for (const [server, open] of this.#open) server.maxConnections = Math.max(open + left, 1)
  }

  #warn(): void {
    if (this.#hasWarned) return
    this.#hasWarned = true
    this.#logger.warn(`there are ${this.#count} connections, and no file descriptors for more, which are closed at once: raise the limit (ulimit -n)`)
  }
}
