// The machine's clock is set while the server runs: back by a second and a day, forward by ten years, and right again.
// libfaketime stands between the server and the clock; its timers run on, as a machine's do.
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Plain } from '../../../src/machinery/index.js'
import type { LoadServer } from '../server.js'
import { comesTrue, configMapBody, configMaps, openBare, requestText } from '../sockets.js'
import type { Stage } from '../stage.js'

const secondMillis = 1000
const dayMillis = 86_400_000
const decadeMillis = 315_360_000_000
const steps: readonly [words: string, offset: string, millis: number, isTokenValid: boolean][] = [
  ['back by a second', '-1', -secondMillis, true],
  ['back by a day', '-1d', -dayMillis, false],
  ['forward by ten years', '+10y', decadeMillis, false],
  ['right again', '+0', 0, true],
]
const settlingMillisMax = 20_000
const cpuShareMax = 0.5

/** Where Debian's package puts it, or where FAKETIME_LIBRARY says; nothing when it is not there. */
export function findFaketime(): string | undefined {
  const library = process.env.FAKETIME_LIBRARY
  if (library) return library
  const folders = existsSync('/usr/lib') ? readdirSync('/usr/lib').map((name) => join('/usr/lib', name, 'faketime')) : []
  return folders.map((folder) => join(folder, 'libfaketimeMT.so.1')).find((path) => existsSync(path))
}

const offsetFile = join(mkdtempSync(join(tmpdir(), 'kubedouble-clock-')), 'offset')

export function faketimeEnvironment(library: string): Record<string, string> {
  writeFileSync(offsetFile, '+0\n')
  return { LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: offsetFile, FAKETIME_NO_CACHE: '1', DONT_FAKE_MONOTONIC: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' }
}

export async function clockSteps(stage: Stage): Promise<void> {
  const { server, hold } = stage
  const token = await tokenOf(server)
  hold('a token is good', (await statusWith(server, token)) === 200, `status ${await statusWith(server, token)}`)
  const watch = await openBare(server.port)
  watch.socket.write(requestText('GET', `${configMaps}?watch=1&resourceVersion=1`))
  for (const [index, [words, offset, millis, isTokenValid]] of steps.entries()) {
    await startPod(server, `before-${index}`)
    await startPod(server, `leaving-${index}`)
    await runs(server, `leaving-${index}`)
    await send(server, 'DELETE', `${podsPath}/leaving-${index}`)
    await stage.unharmed(`a clock that is set ${words}`, async () => {
      writeFileSync(offsetFile, `${offset}\n`)
      await startPod(server, `after-${index}`)
      const areSettled = await comesTrue(
        async () =>
          (await runs(server, `before-${index}`)) && (await runs(server, `after-${index}`)) && (await phaseOf(server, `leaving-${index}`)) === undefined,
        settlingMillisMax,
      )
      hold(
        `with a clock that is set ${words} pods start and end`,
        areSettled,
        `${await phaseOf(server, `before-${index}`)}, ${await phaseOf(server, `after-${index}`)}`,
      )
    })
    const made = await send(server, 'POST', configMaps, configMapBody(`made-${index}`))
    const awayMillis = Math.abs(Date.parse(made.metadata.creationTimestamp) - (Date.now() + millis))
    hold(`the time of day is seen when it is set ${words}`, awayMillis < 2 * dayMillis * (millis > dayMillis ? 2 : 0.001), made.metadata.creationTimestamp)
    const isTold = await comesTrue(() => watch.text.includes(`"name":"made-${index}"`), settlingMillisMax)
    hold(`a watch goes on when the clock is set ${words}`, isTold && !watch.isOver, isTold ? 'told' : 'not told')
    const status = await statusWith(server, token)
    hold(`a token holds as long as it says, by the clock that is set ${words}`, status === (isTokenValid ? 200 : 401), `status ${status}`)
    const share = await cpuShare(server)
    hold(`nothing spins when the clock is set ${words}`, share < cpuShareMax, `${(share * 100).toFixed(0)} % of a processor`)
  }
  watch.socket.destroy()
  const running = steps.flatMap((_, index) => [`before-${index}`, `after-${index}`])
  const phases = await Promise.all(running.map((name) => phaseOf(server, name)))
  hold(
    'all pods still run',
    phases.every((phase) => phase === 'Running'),
    phases.join(' '),
  )
  await stage.allIsOver('a clock that was set')
}

const podsPath = '/api/v1/namespaces/default/pods'

async function send(server: LoadServer, method: string, path: string, body?: string): Promise<Plain> {
  const answer = await fetch(server.http + path, { method, ...(body ? { headers: { 'content-type': 'application/json' }, body } : {}) })
  return (await answer.json()) as Plain
}

function startPod(server: LoadServer, name: string): Promise<Plain> {
  return send(server, 'POST', podsPath, JSON.stringify({ metadata: { name }, spec: { containers: [{ name: 'main', image: 'image' }] } }))
}

async function phaseOf(server: LoadServer, name: string): Promise<string | undefined> {
  return (await send(server, 'GET', `${podsPath}/${name}`)).status?.phase
}

function runs(server: LoadServer, name: string): Promise<boolean> {
  return comesTrue(async () => (await phaseOf(server, name)) === 'Running', settlingMillisMax)
}

async function tokenOf(server: LoadServer): Promise<string> {
  const asked = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3600 } }
  const path = '/api/v1/namespaces/default/serviceaccounts/default/token'
  await comesTrue(async () => (await send(server, 'GET', '/api/v1/namespaces/default/serviceaccounts/default')).kind === 'ServiceAccount', settlingMillisMax)
  return (await send(server, 'POST', path, JSON.stringify(asked))).status.token
}

function statusWith(server: LoadServer, token: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { rejectUnauthorized: false, agent: false, headers: { authorization: `Bearer ${token}` } }
    request(`${server.https}${configMaps}`, options, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0))
    })
      .on('error', reject)
      .end()
  })
}

/** Of one processor, over a second. */
async function cpuShare({ pid }: LoadServer): Promise<number> {
  const ticks = () =>
    readFileSync(`/proc/${pid}/stat`, 'latin1')
      .split(') ')[1]
      .split(' ')
      .slice(11, 13)
      .reduce((sum, each) => sum + Number(each), 0)
  const before = ticks()
  await pause(secondMillis)
  return (ticks() - before) / 100
}
