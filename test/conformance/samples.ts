// Samples of every built-in kind: created, read and written back in protobuf, deleted. The fixtures hold what the real API answered.
import { setTimeout as pause } from 'node:timers/promises'
import type { Plain } from '../../src/machinery/index.js'
import { normalized, readSamples, type Sample } from '../support/samples.js'
import type { Client, Reply } from './client.js'
import { differences } from './comparison.js'
import { misorderedMembers } from './field-order.js'
import type { Outcome } from './outcome.js'
import { collectionOf, keyOf, resourceRows } from './resource-table.js'

const protobuf = 'application/vnd.kubernetes.protobuf'
// Some samples name it.
const namespace = 'samples'
const home = `/api/v1/namespaces/${namespace}`
const attemptsMax = 20

/** One object that a sample made. */
interface Made {
  path: string
  check: string
}

export async function checkSamples(client: Client): Promise<Outcome[]> {
  await setStage(client)
  const outcomes: Outcome[] = []
  const made: Made[] = []
  for (const sample of readSamples()) {
    const row = resourceRows.find((each) => keyOf(each) === sample.resource)
    if (!row) throw new Error(`a sample of an unknown resource: ${sample.resource}`)
    const path = collectionOf(row, namespace)
    const check = `samples/${sample.resource} ${sample.send.metadata?.name ?? sample.send.metadata?.generateName ?? ''}`.trimEnd()
    const reply = await client.send({ method: 'POST', path, body: sample.send })
    outcomes.push({ check, differences: differencesOfSample(sample, reply) })
    if (reply.code === 201 && row.verbs.includes('delete')) made.push({ path: `${path}/${objectOf(reply).metadata.name}`, check })
  }
  for (const each of made) outcomes.push({ check: `${each.check} in protobuf`, differences: await writtenBack(each.path, client) })
  for (const { path, check } of made.reverse()) outcomes.push({ check: `${check} deleted`, differences: await deleted(path, client) })
  await client.send({ method: 'DELETE', path: home })
  return outcomes
}

async function setStage(client: Client): Promise<void> {
  const create = () => client.send({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: namespace } } })
  await until(async () => (await create()).code === 201, `${namespace} is in use`)
  await until(async () => (await client.send({ method: 'GET', path: `${home}/serviceaccounts/default` })).code === 200, 'no default account')
}

async function until(isDone: () => Promise<boolean>, problem: string): Promise<void> {
  for (let attempt = 0; !(await isDone()); attempt++) {
    if (attempt === attemptsMax) throw new Error(problem)
    await pause(2 ** Math.min(attempt, 9))
  }
}

const objectOf = ({ bytes }: Reply) => JSON.parse(bytes.toString()) as Plain

function differencesOfSample({ answer }: Sample, reply: Reply): string[] {
  const object = objectOf(reply)
  if (reply.code !== 201) return [`: ${reply.code} ${object.message}`]
  const found = differences(answer, normalized(object))
  return found.length ? found : misorderedMembers(object)
}

/** Reads an object in protobuf and puts the same bytes back, which changes nothing. */
async function writtenBack(path: string, client: Client): Promise<string[]> {
  let problem = ''
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const binary = await client.send({ method: 'GET', path, accept: protobuf })
    if (binary.code === 404) return [] // collected meanwhile
    if (binary.headers['content-type'] !== protobuf) return [`: answered ${binary.code} ${binary.headers['content-type']}`]
    const before = objectOf(await client.send({ method: 'GET', path }))
    const reply = await client.send({ method: 'PUT', path, contentType: protobuf, body: binary.bytes })
    const after = objectOf(reply)
    if (reply.code === 200) return differences(before, after)
    problem = `: ${reply.code} ${after.message}`
    if (reply.code !== 409) return [problem]
    await pause(2 ** Math.min(attempt, 8)) // a controller was faster
  }
  return [problem]
}

async function deleted(path: string, client: Client): Promise<string[]> {
  const options = { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0, propagationPolicy: 'Background' }
  const reply = await client.send({ method: 'DELETE', path, body: options })
  if (reply.code === 404) return [] // collected meanwhile
  if (reply.code !== 200) return [`: ${reply.code} ${objectOf(reply).message}`]
  const left = await client.send({ method: 'GET', path })
  if (left.code === 404) return []
  const { finalizers, deletionTimestamp } = objectOf(left).metadata
  if (!deletionTimestamp) return [': is there as before']
  if (finalizers) await client.send({ method: 'PATCH', path, contentType: 'application/merge-patch+json', body: { metadata: { finalizers: null } } })
  return []
}
