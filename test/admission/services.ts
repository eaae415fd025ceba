// Services through the verbs of one registry: made, changed and deleted in a line each.
import type { AdmissionOptions } from '../../src/admission/index.js'
import { deepCopy, isStatus, type KubeObject, type Plain, type Status, StatusError, systemUser } from '../../src/machinery/index.js'
import { create, get, snapshotOf, update, type WriteCall } from '../../src/registry/index.js'
import { ipAddress, service } from '../../src/resources/index.js'
import { openRealm, type TestRealm, testNamespace } from '../support/realm.js'

const services = 'v1/services'

export interface Services extends TestRealm {
  /** A service with port 80, unless `spec` says otherwise. */
  make(name: string, spec?: Plain, options?: { dryRun?: boolean }): Plain
  /** Reads, merges into the spec what is given (`undefined` removes) and writes. */
  alter(name: string, spec: Plain, options?: { dryRun?: boolean }): Plain
  /** PUT of a spec as a client writes it that knows nothing of what was allocated. */
  put(name: string, spec: Plain): Plain
  read(name: string): Plain
  drop(name: string): Plain
  /** Addresses that are taken, with their owners. */
  addresses(): Record<string, string>
}

export function openServices(admission: AdmissionOptions = {}): Services {
  const verbs = openRealm({ admission })
  const { realm } = verbs
  const callOf = (name: string, dryRun = false): WriteCall => ({
    definition: service,
    namespace: testNamespace,
    name,
    subresource: '',
    user: systemUser,
    warn() {},
    options: { fieldManager: 'test', dryRun },
  })
  const writeSpec = (name: string, specOf: (old: Plain) => Plain, dryRun?: boolean) =>
    attempt(() => {
      const object = deepCopy(get(realm, callOf(name)).object) as Plain
      object.spec = specOf(object.spec)
      return update(realm, callOf(name, dryRun), { value: JSON.parse(JSON.stringify(object)) }).object
    })
  return {
    ...verbs,
    make: (name, spec = {}, { dryRun } = {}) =>
      attempt(() => create(realm, callOf('', dryRun), { value: { metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } } }).object),
    alter: (name, spec, { dryRun } = {}) => writeSpec(name, (old) => ({ ...old, ...spec }), dryRun),
    put: (name, spec) => writeSpec(name, () => spec),
    read: (name) => attempt(() => get(realm, callOf(name)).object),
    drop: (name) => verbs.remove(services, name) as Plain,
    addresses: () =>
      Object.fromEntries(
        snapshotOf(realm)
          .list(ipAddress)
          .map(({ metadata, spec }) => [metadata.name, spec.parentRef?.name ?? '']),
      ),
  }
}

function attempt(verb: () => KubeObject | Status): Plain {
  try {
    return verb() as Plain
  } catch (error) {
    if (error instanceof StatusError) return error.status as Plain
    throw error
  }
}

/** `422 message`, or nothing when it was granted. */
export function refusal(answer: Plain): string | undefined {
  return isStatus(answer) && answer.status === 'Failure' ? `${answer.code} ${answer.message}` : undefined
}

export const nodePorts = ({ spec }: Plain): (number | undefined)[] => spec.ports.map(({ nodePort }: Plain) => nodePort)
