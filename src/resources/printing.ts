// What cells of several kinds have in common: how lists, labels, selectors and containers are printed in tables.
// Upstream: pkg/printers/internalversion/printers.go
import { age, type CellContext, formatLabelMap, formatLabelSelector, type LabelSelector, type Labels } from '../machinery/index.js'

interface Template {
  spec?: { containers?: readonly { name: string; image?: string }[] | null } | null
}

/** Names of a template's containers. */
export function containerNames(template: Template | null | undefined): string {
  return (template?.spec?.containers ?? []).map(({ name }) => name).join(',')
}

/** Images of a template's containers. */
export function containerImages(template: Template | null | undefined): string {
  return (template?.spec?.containers ?? []).map(({ image = '' }) => image).join(',')
}

/** `app in (a,b),tier=front`, or `<none>`. */
export function selectorText(selector: LabelSelector | null | undefined): string {
  return formatLabelSelector(selector) || '<none>'
}

/** `app=web,tier=front`, or `<none>`. */
export function labelsText(labels: Labels | null | undefined): string {
  return formatLabelMap(labels) || '<none>'
}

/** The first items of a list, and how many are left out. */
export function shortened(items: readonly string[], { itemsMax, separator }: { itemsMax: number; separator: string }): string {
  const shown = items.slice(0, itemsMax).join(separator)
  return items.length > itemsMax ? `${shown} + ${items.length - itemsMax} more...` : shown
}

/** Without repetitions, sorted, joined by commas. */
export function sortedSetText(items: readonly string[]): string {
  return [...new Set(items)].sort().join(',')
}

/** How long ago, or `<none>`. */
export function agoOrNone(timestamp: string | null | undefined, { now }: CellContext): string {
  return timestamp ? age(timestamp, now) : '<none>'
}

const accessModeWords: [mode: string, word: string][] = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
]

/** `RWO,ROX`, always in this order. */
export function accessModesText(modes: readonly string[] | null | undefined): string {
  return accessModeWords
    .filter(([mode]) => modes?.includes(mode))
    .map(([, word]) => word)
    .join(',')
}

const betaClassAnnotation = 'volume.beta.kubernetes.io/storage-class'

/** The storage class of a volume or claim; an old annotation wins over the field. */
export function storageClassText(object: { metadata: { annotations?: Record<string, string> }; spec?: { storageClassName?: string | null } | null }): string {
  return object.metadata.annotations?.[betaClassAnnotation] ?? object.spec?.storageClassName ?? ''
}

const defaultClassAnnotations = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class']

/** The name of a class, and whether it is the default one. */
export function classNameText({ metadata: { name = '', annotations } }: { metadata: { name?: string; annotations?: Record<string, string> } }): string {
  return defaultClassAnnotations.some((key) => annotations?.[key] === 'true') ? `${name} (default)` : name
}

/** Subjects of a role binding of one kind. */
export function subjectsText(subjects: readonly { kind: string; name: string; namespace?: string }[] | null | undefined, kind: string): string {
  return (subjects ?? [])
    .filter((subject) => subject.kind === kind)
    .map(({ name, namespace = '' }) => (kind === 'ServiceAccount' ? `${namespace}/${name}` : name))
    .join(', ')
}
