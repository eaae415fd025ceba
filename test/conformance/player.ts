// Player: sends the requests of a recording to a server and gathers what it answers, in the form of the recording.
import { setTimeout as pause } from 'node:timers/promises'
import { isObject } from '../../src/machinery/index.js'
import type { Client, Reply } from './client.js'
import { differencesOfAnswers, withoutUndefined } from './comparison.js'
import type { Outcome } from './outcome.js'
import { hidePath, readPath, removePath } from './path.js'
import { Placeholders } from './placeholders.js'
import type { Answer, Condition, Recording, Step, WireRequest } from './recording.js'
import { viewOf } from './view.js'

// The headers that say something about the answer rather than the connection.
const comparedHeaders = ['content-type', 'warning', 'retry-after', 'allow', 'location']
// A node that no kubelet runs: pods bound to it stay as the recording leaves them.
const unmannedNode = 'recorded-node'
const conditionPatience = 10_000
const watchPatience = 8_000
const pauseMax = 50

/** What the steps of one play know of each other. */
interface Play {
  client: Client
  /** Values of `${…}`. */
  values: Map<string, unknown>
  placeholders: Placeholders
  outcomes: Outcome[]
  name: string
}

/** @returns one outcome for each step that has an answer, in order */
export async function play(recording: Recording, client: Client): Promise<Outcome[]> {
  const namespace = `recording-${Math.random().toString(36).slice(2, 8).padEnd(6, '0')}`
  const values = new Map<string, unknown>([['namespace', namespace]])
  const state: Play = { client, values, placeholders: new Placeholders({ namespace }), outcomes: [], name: recording.name }
  await setStage(client, namespace)
  for (const step of recording.steps) await perform(step, state)
  await client.send({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}/pods?gracePeriodSeconds=0` })
  for (const request of [{ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` }, ...(recording.cleanup ?? [])]) {
    await client.send(filledIn(request, values) as WireRequest)
  }
  return state.outcomes
}

async function setStage(client: Client, namespace: string): Promise<void> {
  const made = await client.send({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: namespace } } })
  if (made.code !== 201) throw new Error(`no namespace to play in: ${made.code} ${made.bytes}`)
  const node = { metadata: { name: unmannedNode, labels: { 'topology.kubernetes.io/zone': 'zone-g' } }, spec: { unschedulable: true } }
  await client.send({ method: 'POST', path: '/api/v1/nodes', body: node })
  // Pods need the account that a controller makes.
  await repeated({ method: 'GET', path: `/api/v1/namespaces/${namespace}/serviceaccounts/default` }, { code: 200 }, client)
}

async function perform(step: Step, state: Play): Promise<void> {
  const { values, placeholders, outcomes, name } = state
  const check = `recordings/${name}/${step.id}`
  try {
    const reply = await answerTo(step, state)
    const body = bodyOf(reply, step)
    for (const [variable, path] of Object.entries(step.capture ?? {})) values.set(variable, readPath(body, path))
    if (!step.answer) return
    const got: Answer = { code: reply.code, headers: {}, body: placeholders.putInto(partOf(body, step)) }
    got.headers = Object.fromEntries(headersOf(reply).map(([header, value]) => [header, placeholders.putInto(value) as string]))
    outcomes.push({ check, differences: differencesOfAnswers(step.answer, got) })
  } catch (error) {
    if (step.answer) outcomes.push({ check, differences: [`: ${(error as Error).message}`] })
  }
}

async function answerTo(step: Step, state: Play): Promise<Reply> {
  const request = filledIn(step.request, state.values) as WireRequest
  const { client } = state
  if (step.until) return repeated(request, step.until, client)
  if (!step.watch) return client.send(request)
  const { during = [], count = Number.POSITIVE_INFINITY, timeoutSeconds } = step.watch
  return client.follow({
    request,
    count,
    timeout: timeoutSeconds ? timeoutSeconds * 1000 : watchPatience,
    async during() {
      for (const each of during) await perform(each, state)
    },
  })
}

/** Sends a request until its answer is as wanted or patience ends; controllers need a moment, rarely two. */
async function repeated(request: WireRequest, until: Condition, client: Client): Promise<Reply> {
  const end = performance.now() + conditionPatience
  for (let wait = 1; ; wait = Math.min(wait * 2, pauseMax)) {
    const reply = await client.send(request)
    if (isMet(until, reply)) return reply
    if (performance.now() > end) throw new Error(`never came to ${JSON.stringify(until)}; the last answer was ${reply.code} ${reply.bytes.subarray(0, 400)}`)
    await pause(wait)
  }
}

function isMet({ code, path, is }: Condition, reply: Reply): boolean {
  if (code !== undefined && code !== reply.code) return false
  return path === undefined || JSON.stringify(readPath(decoded(reply), path)) === JSON.stringify(is)
}

function bodyOf(reply: Reply, { watch }: Step): unknown {
  if (!watch) return decoded(reply)
  const lines = reply.bytes.toString().split('\n').filter(Boolean)
  return { events: lines.map((line) => JSON.parse(line) as unknown) }
}

function decoded({ headers, bytes }: Reply): unknown {
  const text = bytes.toString()
  return headers['content-type']?.includes('json') ? JSON.parse(text) : text
}

function partOf(body: unknown, { view, leaveOut = [], hide = [] }: Step): unknown {
  const part = withoutUndefined(view === undefined ? body : viewOf(body, view)) ?? null
  for (const path of leaveOut) removePath(part, path)
  for (const path of hide) hidePath(part, path, '<any>')
  return part
}

function headersOf({ headers }: Reply): [string, string][] {
  return comparedHeaders.flatMap((header): [string, string][] => (headers[header] ? [[header, String(headers[header])]] : []))
}

/** Puts values in place of `${…}`; a text that is nothing but one of them becomes the value itself. */
function filledIn(value: unknown, values: ReadonlyMap<string, unknown>): unknown {
  if (typeof value === 'string') {
    const whole = /^\$\{(\w+)\}$/.exec(value)
    if (whole && values.has(whole[1])) return values.get(whole[1])
    return value.replace(/\$\{(\w+)\}/g, (found, name: string) => (values.has(name) ? String(values.get(name)) : found))
  }
  if (Array.isArray(value)) return value.map((each) => filledIn(each, values))
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [filledIn(name, values), filledIn(each, values)]))
}
