// What the server fills in where an object says nothing: constants by type come from a table, the rules that look at other
// fields stand here. What only one kind as a whole can know is the `defaults` hook of that kind. Drafts share parts with the stored object: a rule
// sets members of its own struct, and replaces what lies deeper.
// Upstream: pkg/apis/*/v1/defaults.go
import {
  applyDefaults,
  type DefaultsTables,
  deepCopy,
  formatTime,
  type KubeObject,
  type Plain,
  type ResourceDefinition,
  roundUpToMilli,
  type Shape,
  type TypeRule,
  type WriteContext,
} from '../machinery/index.js'
import { defaultsTable } from './shapes/facts.js'

/** Fills all defaults into a draft of this kind, in place: those of its types, then those of the kind. Members it shares with `before` are left. */
export function defaultObject(definition: ResourceDefinition, draft: KubeObject, context: WriteContext, before?: KubeObject): void {
  applyDefaults(definition.shape, draft as Plain, builtInDefaults, context, before)
  definition.defaults?.(draft, context)
}

/** @returns `latest` when the image has neither tag nor digest; empty with a digest alone, or without an image */
export function imageTag(image: string): string {
  const [name, digest] = image.slice(image.lastIndexOf('/') + 1).split('@', 2)
  const colon = name.indexOf(':')
  if (colon >= 0) return name.slice(colon + 1)
  return name === '' || digest !== undefined ? '' : 'latest'
}

function pullPolicyOf(image: string | undefined): string {
  return imageTag(image ?? '') === 'latest' ? 'Always' : 'IfNotPresent'
}

/** A copy of `target` that has those keys of `from` that it lacks. */
export function withMissing(target: Plain | null | undefined, from: Plain | null | undefined): Plain {
  const filled: Plain = { ...target }
  for (const key in from) if (!Object.hasOwn(filled, key)) filled[key] = from[key]
  return filled
}

function defaultPullPolicy(container: Plain): void {
  container.imagePullPolicy ??= pullPolicyOf(container.image)
}

function defaultExactCount(request: Plain): void {
  if (request.allocationMode === 'ExactCount' && !request.count) request.count = 1
}

function roundResources(amounts: Plain): void {
  for (const name in amounts) {
    const rounded = roundUpToMilli(amounts[name])
    if (rounded !== amounts[name]) amounts[name] = rounded
  }
}

const cpuAtEightyPercent = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }
const allOfThem = { type: 'Percent', value: 100, periodSeconds: 15 }
const scaleUpDefaults = { stabilizationWindowSeconds: 0, selectPolicy: 'Max', policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }, allOfThem] }
const scaleDownDefaults = { selectPolicy: 'Max', policies: [allOfThem] }

function defaultAutoscaling(spec: Plain): void {
  if (!spec.metrics?.length) spec.metrics = [deepCopy(cpuAtEightyPercent)]
  if (!spec.behavior) return
  spec.behavior = {
    ...spec.behavior,
    scaleUp: { ...deepCopy(scaleUpDefaults), ...spec.behavior.scaleUp },
    scaleDown: { ...deepCopy(scaleDownDefaults), ...spec.behavior.scaleDown },
  }
}

function defaultLimits(item: Plain): void {
  if (item.type !== 'Container') return
  item.default = withMissing(item.default, item.max)
  item.defaultRequest = withMissing(withMissing(item.defaultRequest, item.default), item.min)
}

const isEmpty = (value: Plain) => Object.keys(value).length === 0

const typeRules: Record<string, TypeRule<WriteContext>> = {
  'apps/v1.DaemonSetUpdateStrategy'(strategy) {
    if (strategy.type === 'RollingUpdate') strategy.rollingUpdate = { maxUnavailable: 1, maxSurge: 0, ...strategy.rollingUpdate }
  },
  'apps/v1.DeploymentStrategy'(strategy) {
    if (strategy.type === 'RollingUpdate') strategy.rollingUpdate = { maxUnavailable: '25%', maxSurge: '25%', ...strategy.rollingUpdate }
  },
  'apps/v1.StatefulSetUpdateStrategy'(strategy) {
    if (!strategy.type) {
      strategy.type = 'RollingUpdate'
      strategy.rollingUpdate ??= {}
    }
    if (strategy.type === 'RollingUpdate' && strategy.rollingUpdate) strategy.rollingUpdate = { partition: 0, ...strategy.rollingUpdate }
  },
  'autoscaling/v1.HorizontalPodAutoscalerSpec'(spec) {
    spec.targetCPUUtilizationPercentage ??= 80
  },
  'autoscaling/v2.HorizontalPodAutoscalerSpec': defaultAutoscaling,
  'core/v1.Container': defaultPullPolicy,
  'core/v1.EphemeralContainer': defaultPullPolicy,
  'core/v1.ImageVolumeSource'(source) {
    source.pullPolicy ??= pullPolicyOf(source.reference)
  },
  'core/v1.LimitRangeItem': defaultLimits,
  'core/v1.NodeStatus'(status) {
    if (!status.allocatable && status.capacity) status.allocatable = { ...status.capacity }
  },
  'core/v1.PersistentVolumeClaimStatus'(status) {
    status.phase ??= 'Pending'
  },
  'core/v1.PersistentVolumeStatus'(status) {
    status.phase ??= 'Pending'
  },
  'core/v1.PodSpec'(spec) {
    if (spec.serviceAccountName) spec.serviceAccount = spec.serviceAccountName
    else if (spec.serviceAccount) spec.serviceAccountName = spec.serviceAccount
  },
  'core/v1.Volume'(volume) {
    const { name: _name, ...source } = volume
    if (isEmpty(source)) volume.emptyDir = {}
  },
  'networking/v1.IngressClassParametersReference'(reference) {
    reference.scope ??= 'Cluster'
  },
  'networking/v1.NetworkPolicySpec'(spec) {
    if (!spec.policyTypes?.length) spec.policyTypes = spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress']
  },
  'rbac/v1.Subject'(subject) {
    if (!subject.apiGroup && (subject.kind === 'User' || subject.kind === 'Group')) subject.apiGroup = 'rbac.authorization.k8s.io'
  },
  'resource/v1.DeviceSubRequest': defaultExactCount,
  'resource/v1.ExactDeviceRequest': defaultExactCount,
  'resource/v1.DeviceTaint'(taint, { now }) {
    taint.timeAdded ??= formatTime(now)
  },
}

/** Amounts of devices are no resource lists: they keep what was written. */
function holdsResources(shape: Shape): boolean {
  return shape.package.alias !== 'resource/v1'
}

const builtInDefaults: DefaultsTables<WriteContext> = {
  constants: defaultsTable,
  rules: typeRules,
  mapRule(shape, { type }) {
    const isAmounts = type.kind === 'map' && type.of.kind === 'scalar' && type.of.name === 'Quantity'
    return isAmounts && holdsResources(shape) ? roundResources : undefined
  },
}
