// What kinds that run pods from a template have in common: their selector and template must fit, both are bound for life,
// and `scale` reads and writes their replicas.
// Upstream: pkg/apis/apps/validation, ValidatePodTemplateSpecForReplicaSet in pkg/apis/core/validation
import {
  compileLabelSelector,
  deepEqual,
  type FieldError,
  field,
  formatLabelMap,
  formatLabelSelector,
  type LabelSelector,
  type Labels,
  type ScalePaths,
  validateLabelSelector,
} from '../machinery/index.js'
import { nonNegative } from './core/field-checks.js'
import { podSpecWarnings } from './core/pod-warnings.js'
import type { PodTemplateSpec } from './shapes/core-v1.js'

export { nonNegative } from './core/field-checks.js'

/** `field is immutable`, when it has changed. */
export function immutable(path: string, value: unknown, old: unknown): FieldError[] {
  return deepEqual(value ?? null, old ?? null) ? [] : [field.invalid(path, value, 'field is immutable')]
}

/** A word that must be one of these; `supported` in the order it is printed. */
export function oneOf(path: string, value: string, supported: readonly string[]): FieldError[] {
  return supported.includes(value) ? [] : [field.notSupported(path, value, supported)]
}

interface SelectorRules {
  /** The kind in lower case, as the refusal of an empty selector names it. */
  noun: string
}

/** A workload must select something. */
export function validateWorkloadSelector(selector: LabelSelector | null | undefined, { noun }: SelectorRules): FieldError[] {
  if (!selector) return [field.required('spec.selector')]
  return [...validateLabelSelector(selector, 'spec.selector'), ...refuseEmpty(selector, noun)]
}

export function refuseEmpty(selector: LabelSelector, noun: string): FieldError[] {
  const isEmpty = !Object.keys(selector.matchLabels ?? {}).length && !selector.matchExpressions?.length
  return isEmpty ? [field.invalid('spec.selector', selector, `empty selector is invalid for ${noun}`)] : []
}

/** The template's labels must be what the workload looks for. An empty selector is refused elsewhere. */
export function validateTemplateLabels(selector: LabelSelector | null | undefined, template: PodTemplateSpec): FieldError[] {
  const matches = compileLabelSelector(selector)
  return matches(template.metadata?.labels) ? [] : [mismatch(template.metadata?.labels)]
}

function mismatch(labels: Labels | undefined): FieldError {
  return field.invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`')
}

/** Pods of long-running workloads are always restarted, and have no deadline. @param kind as the refusal of a deadline names it */
export function validateLongRunning({ spec }: PodTemplateSpec, kind: string): FieldError[] {
  const errors = oneOf('spec.template.spec.restartPolicy', spec.restartPolicy ?? '', ['Always'])
  if (spec.activeDeadlineSeconds !== undefined) {
    errors.push(field.forbidden('spec.template.spec.activeDeadlineSeconds', `activeDeadlineSeconds in ${kind} is not Supported`))
  }
  return errors
}

interface Scaled {
  spec: { replicas?: number | null; selector?: LabelSelector | Record<string, string> | null }
  status?: { replicas?: number }
}

/** Where `scale` finds the replicas of a workload. */
export function scalePaths<T extends Scaled>(selectorOf: (object: T) => string): ScalePaths<T> {
  return {
    replicas: ({ spec }) => spec.replicas ?? 0,
    withReplicas(draft, replicas) {
      draft.spec.replicas = replicas
    },
    statusReplicas: ({ status }) => status?.replicas ?? 0,
    selector: selectorOf,
    fieldPath: ['f:spec', 'f:replicas'],
  }
}

/** The selector of a workload as the text `scale` shows. */
export const labelSelectorOf = ({ spec }: { spec: { selector?: LabelSelector | null } }) => formatLabelSelector(spec.selector)

/** The same where the selector is a plain map. */
export const mapSelectorOf = ({ spec }: { spec: { selector?: Record<string, string> | null } }) => formatLabelMap(spec.selector)

const percent = /^(\d{1,9})%$/

/** What is wrong with a number or percentage of pods. Upstream: ValidatePositiveIntOrPercent, IsNotMoreThan100Percent */
export function validateAmount(path: string, value: number | string): FieldError[] {
  if (typeof value === 'number') return nonNegative(path, value)
  const match = percent.exec(value)
  if (!match)
    return [
      field.invalid(
        path,
        value,
        "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
      ),
    ]
  return Number(match[1]) > 100 ? [field.invalid(path, value, 'must not be greater than 100%')] : []
}

/** Whether an amount is zero, as number or as percentage. */
export function isNone(value: number | string | null | undefined): boolean {
  return value === 0 || value === '0%' || value === undefined || value === null
}

interface WithGeneration {
  metadata: { generation?: number }
}

/** Warnings about the pods of a template, unless it is an old one. @param path of the template */
export function templateWarnings<T extends WithGeneration>(
  object: T,
  old: T | undefined,
  template: PodTemplateSpec | undefined,
  path = 'spec.template',
): string[] {
  const isOld = old !== undefined && old.metadata.generation === object.metadata.generation
  return isOld || !template?.spec ? [] : podSpecWarnings(template.spec, `${path}.spec`)
}
