// A server whose disk is full: it says so, goes on with what it has, and keeps what it acknowledged.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import type { Plain } from '../../src/machinery/index.js'

const top = join(import.meta.dirname, '..', '..')
const scratch = mkdtempSync(join(tmpdir(), 'kubedouble-full-'))
const children: ChildProcess[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(scratch, { recursive: true })
})

const flags = ['--secure-port', 'off', '--insecure-port', '0', '--grpc-port', 'off', '--output', 'json', '--log-level', 'silent', '--nodes', '2']

/** @param fileKilobytesMax no file of the process grows beyond it */
async function start(data: string, fileKilobytesMax: number | 'unlimited') {
  const command = `ulimit -f ${fileKilobytesMax}; exec "$@"`
  const words = ['-c', command, 'server', process.execPath, join(top, 'dist', 'kubedouble.js'), ...flags, '--data', data]
  const child = spawn('bash', words, { env: { ...process.env, XDG_CACHE_HOME: scratch }, stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (chunk) => resolve(String(chunk)))
    child.once('exit', (code) => reject(new Error(`ended with ${code}`)))
  })
  const { http } = JSON.parse(line) as { http: string }
  const send = async (method: string, path: string, body?: Plain): Promise<Plain> => {
    const answer = await fetch(`${http}${path}`, { method, headers: { 'content-type': 'application/json' }, body: body && JSON.stringify(body) })
    return (await answer.json()) as Plain
  }
  return { http, send, end: (signal: 'SIGKILL' | 'SIGTERM') => new Promise((resolve) => child.once('exit', resolve) && child.kill(signal)) }
}

/** What came until the connection broke. */
async function textUntilTheEnd({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  try {
    for await (const chunk of body as ReadableStream<Uint8Array>) chunks.push(chunk)
  } catch {}
  return Buffer.concat(chunks).toString()
}

const configMaps = '/api/v1/namespaces/default/configmaps'
const pods = '/api/v1/namespaces/default/pods'

it.skipIf(!existsSync('/bin/bash'))(
  'a full disk costs no acknowledged write, and is over when there is room again',
  async () => {
    const data = join(scratch, 'state.db')
    const small = await start(data, 1500)
    const watched = textUntilTheEnd(await fetch(`${small.http}${configMaps}?watch=1`))
    const acknowledged: string[] = []
    const refusals: Plain[] = []
    for (let count = 0; refusals.length < 5; count++) {
      if (count % 10 === 0) await small.send('POST', pods, { metadata: { name: `pod-${count}` }, spec: { containers: [{ name: 'c', image: 'i' }] } })
      const answer = await small.send('POST', configMaps, { metadata: { name: `map-${count}` }, data: { value: 'x'.repeat(20_000) } })
      if (answer.kind === 'Status') refusals.push(answer)
      else acknowledged.push(answer.metadata.name)
      expect(count).toBeLessThan(1000)
    }
    expect(refusals[0]).toMatchObject({
      status: 'Failure',
      reason: 'InternalError',
      code: 500,
      message: expect.stringMatching(/state\.db cannot be written \(.+\)/),
    })
    // Reads go on, of what is there and of nothing else.
    const namesOf = ({ items }: Plain) => items.map(({ metadata }: Plain) => metadata.name).filter((name: string) => name.startsWith('map-'))
    expect(namesOf(await small.send('GET', configMaps)).sort()).toEqual([...acknowledged].sort())
    const { metadata } = await small.send('GET', configMaps)
    await small.end('SIGKILL')
    const events = (await watched)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Plain)
    const seen = events.map(({ object }) => object.metadata.name as string).filter((name) => name.startsWith('map-'))
    expect(seen).toEqual(acknowledged)

    const large = await start(data, 'unlimited')
    const list = await large.send('GET', configMaps)
    expect(namesOf(list).sort()).toEqual([...acknowledged].sort())
    expect(Number(list.metadata.resourceVersion)).toBeGreaterThanOrEqual(Number(metadata.resourceVersion))
    // What controllers could not write then, they write now.
    const found = await large.send('GET', pods)
    expect(found.items.map(({ status }: Plain) => status.phase)).toEqual(found.items.map(() => 'Running'))
    await large.end('SIGTERM')
  },
  60_000,
)
