// Runs the admission steps. Most plugins come before the object has its name; allocation, which no flag turns off, and what books it come after.
import type { AdmissionRequest, AdmissionStep, CompanionWrite, KubeObject } from '../machinery/index.js'
import { type Call, type Realm, randomOf, refuse, snapshotOf } from './realm.js'

export interface AdmissionCase {
  operation: AdmissionRequest['operation']
  object: KubeObject
  old?: KubeObject
  dryRun: boolean
}

export function admitPlugins(realm: Realm, call: Call, what: AdmissionCase): CompanionWrite[] {
  return admit(realm, call, what, stepsOf(realm, call, what.operation).plugins)
}

export function admitAllocation(realm: Realm, call: Call, what: AdmissionCase): CompanionWrite[] {
  return admit(realm, call, what, stepsOf(realm, call, what.operation).allocation)
}

/** The steps that have a say in one kind of write, in their two phases. */
interface Steps {
  plugins: readonly AdmissionStep[]
  allocation: readonly AdmissionStep[]
}

const known = new WeakMap<Realm, Map<string, Steps>>()

function stepsOf(realm: Realm, { definition }: Call, operation: AdmissionCase['operation']): Steps {
  let ofRealm = known.get(realm)
  if (!ofRealm) {
    ofRealm = new Map()
    known.set(realm, ofRealm)
  }
  const key = `${operation} ${definition.key}`
  let steps = ofRealm.get(key)
  if (!steps) {
    const concerned = realm.admission.filter(({ operations, resources }) => operations.includes(operation) && (resources?.includes(definition.key) ?? true))
    steps = { plugins: concerned.filter(isEarly), allocation: concerned.filter((step) => !isEarly(step)) }
    ofRealm.set(key, steps)
  }
  return steps
}

const isEarly = (step: AdmissionStep) => step.plugin !== undefined && !step.runsOnceNamed

function admit(realm: Realm, call: Call, what: AdmissionCase, steps: readonly AdmissionStep[]): CompanionWrite[] {
  const companions: CompanionWrite[] = []
  if (!steps.length) return companions
  const request = requestOf(realm, call, what)
  for (const step of steps) {
    const admission = step.admit(request)
    if (!admission) continue
    if ('refused' in admission) refuse(admission.refused)
    companions.push(...admission.companions)
  }
  return companions
}

function requestOf(realm: Realm, call: Call, what: AdmissionCase): AdmissionRequest {
  const { definition, subresource, namespace, user, warn } = call
  return {
    operation: what.operation,
    definition,
    subresource,
    namespace,
    name: what.object.metadata.name ?? '',
    object: what.object,
    old: what.old,
    snapshot: snapshotOf(realm),
    random: randomOf(realm, definition, what.object.metadata),
    user,
    dryRun: what.dryRun,
    warn,
  }
}
