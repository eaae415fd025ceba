// Objects of every built-in kind as clients send them and as the API answers, read from fixtures.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isObject, type Plain } from '../../src/machinery/index.js'

export interface Sample {
  /** `v1/pods`, `apps/v1/deployments` */
  resource: string
  send: Plain
  /** What the answer has, in the form of `normalized`. */
  answer: Plain
}

const folder = join(import.meta.dirname, '..', 'fixtures', 'samples')

/** All samples. A fixture holds what is sent, and how the answer differs as a merge patch in which `<null>` says null. */
export function readSamples(): Sample[] {
  return readdirSync(folder)
    .sort(byNeed)
    .flatMap((file) => {
      const fixtures = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { resource: string; send: Plain; adds: Plain }[]
      return fixtures.map(({ resource, send, adds }) => ({ resource, send, answer: added(send, adds) as Plain }))
    })
}

// Pods name classes that must be there before them.
const first = ['scheduling.json', 'node.json']

function byNeed(one: string, other: string): number {
  return first.indexOf(other) - first.indexOf(one) || (one < other ? -1 : 1)
}

function added(value: unknown, adds: unknown): unknown {
  if (adds === '<null>') return null
  if (!isObject(adds)) return adds
  const out: Plain = isObject(value) ? { ...value } : {}
  for (const [key, change] of Object.entries(adds)) {
    if (change === null) delete out[key]
    else out[key] = added(out[key], change)
  }
  return out
}

const portFields = ['nodePort', 'healthCheckNodePort']
const addressFields = ['clusterIP', 'clusterIPs']
const serverFields = ['uid', 'resourceVersion', 'creationTimestamp', 'namespace', 'managedFields']
const time = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/

/** An answer without what no two servers share: identity goes, the rest becomes words in angle brackets. */
export function normalized(answer: Plain): Plain {
  const { uid, creationTimestamp } = answer.metadata
  const born = Date.parse(creationTimestamp ?? '') || Date.now()
  const walk = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) return value.map((each) => walk(each, key))
    if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, walk(each, name)]))
    if (portFields.includes(key)) return '<port>'
    if (addressFields.includes(key) && value !== 'None') return '<ip>'
    if (typeof value !== 'string') return value
    if (time.test(value) && Math.abs(Date.parse(value) - born) < 300_000) return '<now>'
    return (uid ? value.replaceAll(uid, '<uid>') : value).replace(/kube-api-access-[a-z0-9]{5}/g, 'kube-api-access-<random>')
  }
  const metadata = Object.fromEntries(Object.entries(answer.metadata).filter(([name]) => !serverFields.includes(name)))
  const out = walk({ ...answer, metadata }, '') as Plain
  // Who asks for a certificate is whoever runs the test.
  if (answer.kind === 'CertificateSigningRequest') for (const name of ['username', 'uid', 'groups', 'extra']) delete out.spec[name]
  return out
}
