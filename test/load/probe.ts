// The others, who are to be unharmed: a steady client beside whatever goes on.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export interface Seen {
  count: number
  median: number
  p99: number
  max: number
  failures: string[]
}

export class Probe {
  readonly #child: ChildProcess

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  /** @param url of what it gets */
  static async start(url: string): Promise<Probe> {
    const child = fork(join(import.meta.dirname, 'probe-process.mjs'), [url], { execArgv: [] })
    await once(child, 'message')
    return new Probe(child)
  }

  /** What it saw while `work` went on. */
  async during<Result>(work: () => Promise<Result>): Promise<{ result: Result; seen: Seen }> {
    this.#child.send('begin')
    const result = await work()
    // At least one that was asked meanwhile.
    await new Promise((resolve) => setTimeout(resolve, 100))
    this.#child.send('end')
    const [seen] = (await once(this.#child, 'message')) as [Seen]
    return { result, seen }
  }

  stop(): void {
    this.#child.disconnect()
  }
}

// On a machine that does other things too. What harms shows as seconds, or as failures.
const usualMillisMax = 500
const fewGets = 200
const millisMax = 2000

export function isUnharmed({ count, median, p99, max, failures }: Seen): boolean {
  // Of few the slowest hundredth is the slowest.
  const usual = count < fewGets ? median : p99
  return count > 0 && !failures.length && usual < usualMillisMax && max < millisMax
}

export function shownSeen({ count, median, p99, max, failures }: Seen): string {
  const [first] = failures
  const failed = first ? `, ${failures.length} failed: ${first}` : ''
  return `${count} gets, median ${median.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, max ${max.toFixed(0)} ms${failed}`
}
