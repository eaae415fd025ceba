// One registry on a fresh log, with all kinds and admission but no controllers: what the verbs do, without a socket.
import { type AdmissionOptions, admissionSteps } from '../../src/admission/index.js'
import { randomSource } from '../../src/cluster/random.js'
import { type DeleteOptions, deepCopy, isStatus, type KubeObject, type Plain, type Status, StatusError, systemUser } from '../../src/machinery/index.js'
import { type Answer, Catalogue, create, get, type Realm, remove, update, type WriteCall } from '../../src/registry/index.js'
import { builtInResources, defaultObject } from '../../src/resources/index.js'
import { type HistoryLimits, openStore, WatchHub } from '../../src/storage/index.js'

export interface TestRealm {
  realm: Realm
  /** Namespaced objects go to the namespace they name, or to `samples`, which exists. @returns the object, or the Status of the refusal */
  create(resource: string, object: Plain): KubeObject | Status
  /** Reads, lets `edit` change a copy and writes it back. */
  change(resource: string, name: string, edit: (object: Plain) => void, subresource?: string): KubeObject | Status
  remove(resource: string, name: string, options?: DeleteOptions): KubeObject | Status
  /** Those of the last call. */
  readonly warnings: readonly string[]
}

export const testNamespace = 'samples'

export interface TestRealmOptions {
  /** Milliseconds since the epoch, when time stands still. */
  now?: number
  clock?: { now(): number }
  admission?: AdmissionOptions
  historyLimits?: HistoryLimits
  /** A file; in memory when absent. */
  data?: string
}

export function openRealm({
  now = Date.parse('2026-11-22T11:05:39Z'),
  clock = { now: () => now },
  admission,
  historyLimits,
  data = ':memory:',
}: TestRealmOptions = {}): TestRealm {
  const store = openStore({ path: data, now: () => clock.now(), freezes: true, historyLimits })
  const realm: Realm = {
    store,
    hub: new WatchHub(store),
    catalogue: new Catalogue(builtInResources),
    randomFor: randomSource('samples'),
    now: () => clock.now(),
    admission: admissionSteps(admission),
    fillDefaults: defaultObject,
    issueToken: () => '',
    issuer: '',
    authenticate: () => ({ error: 'invalid bearer token' }),
    authorize: () => ({ allowed: true }),
  }
  const warnings: string[] = []
  const callOf = (resource: string, name: string, { subresource = '', namespace = testNamespace } = {}): WriteCall => {
    const definition = builtInResources.find(({ key }) => key === resource)
    if (!definition) throw new Error(`no such resource: ${resource}`)
    warnings.length = 0
    const options = { fieldManager: 'test' }
    const warn = (text: string) => void warnings.push(text)
    return { definition, namespace: definition.namespaced ? namespace : '', name, subresource, user: systemUser, warn, options }
  }
  const verbs: TestRealm = {
    realm,
    warnings,
    create: (resource, object) => answered(() => create(realm, callOf(resource, '', { namespace: object.metadata?.namespace }), { value: object })),
    change(resource, name, edit, subresource) {
      const call = callOf(resource, name, { subresource })
      const object = deepCopy(get(realm, call).object) as Plain
      edit(object)
      return answered(() => update(realm, call, { value: object }))
    },
    remove: (resource, name, options = {}) => answered(() => remove(realm, callOf(resource, name), options)),
  }
  verbs.create('v1/namespaces', { metadata: { name: testNamespace } })
  verbs.create('v1/serviceaccounts', { metadata: { name: 'default' } })
  return verbs
}

function answered(verb: () => Answer): KubeObject | Status {
  try {
    return verb().object
  } catch (error) {
    if (error instanceof StatusError) return error.status
    throw error
  }
}

/** The message of a refusal, or nothing. */
export function refusalOf(answer: KubeObject | Status): string | undefined {
  return isStatus(answer) ? answer.message : undefined
}

/** What is wrong, as `path: text`, in order and as often as the answer says it; empty when nothing is. */
export function causesOf(answer: KubeObject | Status): string[] {
  if (!isStatus(answer) || answer.status !== 'Failure') return []
  return answer.details?.causes?.map(({ field, message }) => `${field}: ${message}`) ?? [answer.message ?? '']
}
