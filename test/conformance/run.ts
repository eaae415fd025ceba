// Compares a server with a real Kubernetes 1.35 control plane, by everything that is known of one.
//
//   npm run conformance                                            of this repository, started for it
//   npm run conformance -- --server URL [--token TOKEN]            of any other; it should run no nodes and none of `absentControllers`
//   npm run conformance -- --only recordings/service               only checks whose name begins so
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { systemClock } from '../../src/cluster/index.js'
import { controllerNames } from '../../src/controllers/index.js'
import { startKubedouble } from '../../src/index.js'
import { type Client, connect } from './client.js'
import { checkFreshCluster } from './fresh-cluster.js'
import { judge, readKnownDifferences } from './known-differences.js'
import type { Outcome } from './outcome.js'
import { play } from './player.js'
import { readRecordings } from './recording.js'
import { checkSamples } from './samples.js'
import { checkTables } from './tables.js'

// Those that the recorded control plane lacked.
const absentControllers = [
  'kube-scheduler',
  'service-lb-controller',
  'node-lifecycle-controller',
  'taint-eviction-controller',
  'pod-garbage-collector-controller',
]
const shownMax = 20

const { values: options } = parseArgs({ options: { server: { type: 'string' }, token: { type: 'string' }, only: { type: 'string', default: '' } } })
process.exitCode = (await run(options)) ? 0 : 1

interface RunOptions {
  server?: string
  token?: string
  only: string
}

/** @returns whether all is as it should be */
async function run({ server, token, only }: RunOptions): Promise<boolean> {
  const own = server === undefined ? await startOwn() : undefined
  const client = connect({ server: server ?? (own?.http as string), token })
  try {
    return report(await outcomesOf(client, { only, isFresh: own !== undefined }), own !== undefined && only === '')
  } finally {
    client.close()
    await own?.close()
  }
}

async function startOwn() {
  const folder = mkdtempSync(join(tmpdir(), 'kubedouble-conformance-'))
  // The recorded managers wrote within one second, and stand in another order when they do not.
  const begun = Date.now()
  const running = await startKubedouble({
    clock: { now: () => begun, after: systemClock.after },
    nodes: 0,
    controllers: controllerNames.filter((name) => !absentControllers.includes(name)),
    kubeconfig: join(folder, 'kubeconfig'),
    logLevel: 'error',
  })
  return {
    http: running.http,
    async close() {
      await running.close()
      rmSync(folder, { recursive: true })
    },
  }
}

async function outcomesOf(client: Client, { only, isFresh }: { only: string; isFresh: boolean }): Promise<Outcome[]> {
  const isWanted = (name: string) => name.startsWith(only) || only.startsWith(`${name}/`)
  const outcomes: Outcome[] = []
  if (isFresh && isWanted('fresh-cluster')) outcomes.push(...(await checkFreshCluster(client)))
  if (isWanted('tables')) outcomes.push(...(await checkTables(client)))
  if (isWanted('samples')) outcomes.push(...(await checkSamples(client)))
  for (const recording of readRecordings()) {
    if (isWanted(`recordings/${recording.name}`)) outcomes.push(...(await play(recording, client)))
  }
  return outcomes.filter(({ check }) => check.startsWith(only))
}

function report(outcomes: readonly Outcome[], isComplete: boolean): boolean {
  const { passed, known, failed } = judge(outcomes, readKnownDifferences(), { isComplete })
  for (const { check, differences } of failed) {
    console.log(check)
    for (const difference of differences.slice(0, shownMax)) console.log(`  ${difference}`)
    if (differences.length > shownMax) console.log(`  and ${differences.length - shownMax} more`)
  }
  if (known.length) console.log(`${known.length} known to differ`)
  console.log(`${passed.length} passed, ${failed.length} failed`)
  return failed.length === 0
}
