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
  readonly #open = new Map<Server, Set<Socket>>()
  #hasWarned = false

  constructor(filesMax: number, logger: { warn(text: string): void }) {
    this.#max = Math.max(filesMax - Math.min(keptFiles, filesMax / 2), 1)
    this.#logger = logger
  }

  limit(server: Server): void {
    if (this.#max === Number.POSITIVE_INFINITY) return
    const sockets = new Set<Socket>()
    this.#open.set(server, sockets)
    this.#share()
    server.on('connection', (socket: Socket) => {
      sockets.add(socket)
      this.#share()
      socket.once('close', () => {
        sockets.delete(socket)
        this.#share()
      })
    })
    server.on('drop', () => this.#warn())
  }

  get #count(): number {
    let count = 0
    for (const { size } of this.#open.values()) count += size
    return count
  }

  /** Each server may have its own ones, and whatever is left; 0 would be no limit. */
  #share(): void {
    const left = Math.floor(this.#max - this.#count)
    for (const [server, { size }] of this.#open) server.maxConnections = Math.max(size + left, 1)
  }

  #warn(): void {
    if (this.#hasWarned) return
    this.#hasWarned = true
    this.#logger.warn(`there are ${this.#count} connections, and no file descriptors for more, which are closed at once: raise the limit (ulimit -n)`)
  }
}
