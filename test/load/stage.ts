// Stage: one server, its steady client, and the checks; where a scenario plays.
import { isUnharmed, Probe, shownSeen } from './probe.js'
import { LoadServer, type LoadServerOptions } from './server.js'
import { comesTrue, configMaps } from './sockets.js'

export interface Form {
  /** For CI: fewer of everything. */
  isShort: boolean
  /** How long the mixed load lasts. */
  mixedSeconds: number
  seed: number
}

export interface Stage {
  readonly server: LoadServer
  readonly form: Form
  /** @param found what is there, told with the check whether it holds or not */
  hold(name: string, isSo: boolean, found: string): void
  /** Beside it, somebody else gets an object again and again, and is to notice nothing. */
  unharmed<Result>(what: string, work: () => Promise<Result>): Promise<Result>
  /** Everything is as it was: no watch, no request, no file. */
  allIsOver(what: string): Promise<void>
}

/** How many checks held, and how many did not. */
export interface Tally {
  passed: number
  failed: number
}

export function count(tally: Tally, isSo: boolean): void {
  tally[isSo ? 'passed' : 'failed']++
}

export type Scenario = (stage: Stage) => Promise<void>

const openMillisMax = 20_000

export async function play(
  name: string,
  scenario: Scenario,
  { form, tally, options }: { form: Form; tally: Tally; options?: LoadServerOptions },
): Promise<void> {
  const server = await LoadServer.start(options)
  const probed = `${configMaps}/probed`
  await fetch(`${server.http}${configMaps}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"metadata":{"name":"probed"}}' })
  const probe = await Probe.start(`${server.http}${probed}`)
  const before = server.openFiles
  const began = performance.now()
  const hold = (check: string, isSo: boolean, found: string) => {
    count(tally, isSo)
    console.log(`  ${isSo ? 'ok  ' : 'FAIL'} ${check}: ${found}`)
  }
  console.log(`== ${name}`)
  try {
    await scenario({
      server,
      form,
      hold,
      async unharmed(what, work) {
        const { result, seen } = await probe.during(work)
        hold(`${what}: the others are unharmed`, isUnharmed(seen), shownSeen(seen))
        return result
      },
      async allIsOver(what) {
        let left = ''
        const isOver = await comesTrue(async () => {
          const { watches, requests } = await server.underWay()
          // The probe's connection, and one that asks for this.
          const files = server.openFiles - before
          left = `${watches} watches, ${requests} requests, ${files} files more than before`
          return watches === 0 && requests <= 1 && files <= filesMore
        }, openMillisMax)
        hold(`${what}: nothing of it is left`, isOver, left)
      },
    })
    hold(
      `${name}: the server is alive and has nothing to complain of`,
      server.isAlive && !server.stderr.includes('"level":50'),
      server.stderr.slice(0, 500) || 'nothing said',
    )
  } catch (error) {
    hold(`${name}: the story was told to its end`, false, (error as Error).stack ?? String(error))
  } finally {
    probe.stop()
    await server.stop()
    console.log(`   ${((performance.now() - began) / 1000).toFixed(1)} s`)
  }
}

// Connections kept alive by the clients of this process, and modules loaded meanwhile.
const filesMore = 24
