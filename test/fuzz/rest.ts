// The REST part: requests on connections that stay open, several on their way on each.
import { setTimeout as pause } from 'node:timers/promises'
import type { Checks } from './checks.js'
import { type Outcome, PipelinedConnection, type Timed } from './connection.js'
import { judge } from './judge.js'
import { bytesOf, describeRequest, type FuzzRequest } from './requests.js'

export const answerMillisMax = 1000
const patienceMillis = 60_000
const connectionCount = 6
const pipelineDepth = 6
const attemptsMax = 4

export const restChecks = {
  answered: 'REST: every request is answered, in exactly one answer of HTTP/1.1',
  headers: 'REST: answers carry the headers that the server sets, and no others',
  failure: 'REST: no 5xx but those that upstream gives for the same input',
  body: 'REST: refusals are Statuses (or the texts of upstream), answers are what their Content-Type says',
  time: 'REST: no answer takes the server more than a second',
} as const

export interface RestRun {
  seed: number
  port: number
  checks: Checks
  /** Told of every answer. */
  onAnswer(request: FuzzRequest, answer: Timed): void
}

/** Sends requests until there are no more. @returns those whose answers were late */
export async function sendAll(run: RestRun, requests: Iterator<FuzzRequest>): Promise<FuzzRequest[]> {
  const late: FuzzRequest[] = []
  await Promise.all(Array.from({ length: connectionCount }, () => lane(run, requests, late)))
  return late
}

async function lane(run: RestRun, requests: Iterator<FuzzRequest>, late: FuzzRequest[]): Promise<void> {
  const holder = { connection: await PipelinedConnection.open(run.port) }
  let again: { request: FuzzRequest; attempt: number }[] = []
  for (;;) {
    const batch = again
    again = []
    while (batch.length < pipelineDepth) {
      const { value, done } = requests.next()
      if (done) break
      batch.push({ request: value, attempt: 1 })
    }
    if (!batch.length) break
    if (!holder.connection.isOpen) holder.connection = await PipelinedConnection.open(run.port)
    const { connection } = holder
    const outcomes = await withPatience(connection, Promise.all(batch.map(({ request }) => connection.send(bytesOf(request), request.method === 'HEAD'))))
    for (const [index, outcome] of outcomes.entries()) {
      const { request, attempt } = batch[index]
      // A refusal may end the connection: those behind it are sent once more.
      if ('lost' in outcome && attempt < attemptsMax) again.push({ request, attempt: attempt + 1 })
      else take(run, request, outcome, late)
    }
    // Whoever is lost again and again goes alone.
    if (again.length && again[0].attempt > 2) again = [again[0], ...(await alone(run, again.splice(1), late))]
  }
  holder.connection.close()
}

async function alone(
  run: RestRun,
  lost: { request: FuzzRequest; attempt: number }[],
  late: FuzzRequest[],
): Promise<{ request: FuzzRequest; attempt: number }[]> {
  for (const { request } of lost) take(run, request, await sendAlone(run.port, request), late)
  return []
}

export async function sendAlone(port: number, request: FuzzRequest): Promise<Outcome> {
  const connection = await PipelinedConnection.open(port)
  const [outcome] = await withPatience(connection, Promise.all([connection.send(bytesOf(request), request.method === 'HEAD')]))
  connection.close()
  return outcome
}

async function withPatience<Value>(connection: PipelinedConnection, outcomes: Promise<Value>): Promise<Value> {
  const timer = setTimeout(() => connection.close(), patienceMillis)
  const result = await outcomes
  clearTimeout(timer)
  return result
}

function take(run: RestRun, request: FuzzRequest, outcome: Outcome, late: FuzzRequest[]): void {
  const { checks, seed } = run
  const example = () => describeRequest(seed, request)
  if (!('answer' in outcome)) {
    checks.note(restChecks.answered, 'problem' in outcome ? outcome.problem : 'the connection ended without an answer', example)
    return
  }
  const { answer } = outcome
  const shown = () => `${example()}\n→ ${answer.status} ${answer.body.subarray(0, 300)}`
  checks.note(restChecks.answered)
  const verdict = judge(request, answer)
  checks.note(restChecks.headers, verdict.headers, shown)
  checks.note(restChecks.failure, verdict.failure, shown)
  checks.note(restChecks.body, verdict.body, shown)
  if (answer.millis > answerMillisMax) late.push(request)
  run.onAnswer(request, answer)
}

/** Late answers may be the machine's fault, or another request's: each is asked for again by itself, and counted by the server's time on the processor. */
export async function judgeLate({ seed, port, checks }: RestRun, late: readonly FuzzRequest[], cpuMillis: () => Promise<number>): Promise<void> {
  for (const request of late) {
    await pause(10)
    const before = await cpuMillis()
    await sendAlone(port, request)
    const spent = (await cpuMillis()) - before
    checks.note(restChecks.time, spent > answerMillisMax ? `${Math.round(spent)} ms on the processor` : undefined, () => describeRequest(seed, request))
  }
}
