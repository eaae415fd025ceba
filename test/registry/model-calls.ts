// What a command asks of the registry: calls, places in a collection, and selectors that the model can judge too.
import { type Status, StatusError, systemUser } from '../../src/machinery/index.js'
import type { WriteCall } from '../../src/registry/index.js'
import { builtInResources } from '../../src/resources/index.js'
import type { State } from './model.js'
import type { ModelKind } from './model-kinds.js'

/** A collection, or the part of it that a client asks for. */
export interface Place {
  kind: ModelKind
  /** Empty: all. */
  namespace: string
  selector: Selector
}

export interface Selector {
  text: string
  matches(color: string | undefined): boolean
}

const selectors: readonly Selector[] = [
  { text: '', matches: () => true },
  { text: 'color=red', matches: (color) => color === 'red' },
  { text: 'color!=red', matches: (color) => color !== 'red' },
  { text: 'color', matches: (color) => color !== undefined },
  { text: '!color', matches: (color) => color === undefined },
  { text: 'color in (red,blue)', matches: (color) => color !== undefined },
]

export const selectorOf = (choice: number): Selector => selectors[choice % selectors.length]

export function isIn({ namespace, selector }: Place, state: State): boolean {
  return isInNamespace(namespace, state) && selector.matches(state.color)
}

export function isInNamespace(namespace: string, { path }: State): boolean {
  return !namespace || path.startsWith(`${namespace}/`)
}

export function callOf({ kind }: ModelKind, { namespace, name, isDryRun }: { namespace: string; name: string; isDryRun: boolean }): WriteCall {
  const definition = builtInResources.find(({ key }) => key === kind)
  if (!definition) throw new Error(`no such resource: ${kind}`)
  return { definition, namespace, name, subresource: '', user: systemUser, warn() {}, options: { fieldManager: 'test', dryRun: isDryRun } }
}

export function refusalOf({ status: { code, reason } }: { status: Status }): string {
  return `${code} ${reason}`
}

/** @returns what `verb` does, or the code and reason of its refusal */
export function orRefusal<Result>(verb: () => Result): Result | string {
  try {
    return verb()
  } catch (error) {
    if (error instanceof StatusError) return refusalOf(error)
    throw error
  }
}
