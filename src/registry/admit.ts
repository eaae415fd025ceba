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
  return admit(realm, call, what, isEarly)
}

export function admitAllocation(realm: Realm, call: Call, what: AdmissionCase): CompanionWrite[] {
  return admit(realm, call, what, (step) => !isEarly(step))
}

const isEarly = (step: AdmissionStep) => step.plugin !== undefined && !step.runsOnceNamed

function admit(realm: Realm, call: Call, what: AdmissionCase, isOfPhase: (step: AdmissionStep) => boolean): CompanionWrite[] {
  const companions: CompanionWrite[] = []
  let request: AdmissionRequest | undefined
  for (const step of realm.admission) {
    if (!isOfPhase(step) || !step.operations.includes(what.operation)) continue
    if (step.resources && !step.resources.includes(call.definition.key)) continue
    request ??= requestOf(realm, call, what)
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
