// Fills what a draft leaves open, by the types of its fields. Which parts of a type can have defaults at all is found once
// for each shape, so that the walk skips everything else.
// Upstream: the zz_generated.defaults.go files and the SetDefaults_… functions that they call
import { deepCopy } from '../equality.js'
import type { Plain } from '../object.js'
import type { Field, FieldType, Shape } from './shape.js'

/** A default that depends on other fields. Changes `value`, a part of a draft, in place. */
export type TypeRule<Context> = (value: Plain, context: Context) => void

export interface DefaultsTables<Context> {
  /** By type key, then by field: what an absent field becomes. */
  readonly constants: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** By type key; a rule runs after the constants of its type and before those of the parts. */
  readonly rules: Readonly<Record<string, TypeRule<Context>>>
  /** A rule for the map in this field, whose type has no name of its own. */
  mapRule?(shape: Shape, field: Field): TypeRule<Context> | undefined
}

/** What has to be done for one shape; `parts` only where something can be found below. */
interface Plan<Context> {
  constants: [field: Field, value: unknown][]
  rules: TypeRule<Context>[]
  parts: Part<Context>[]
}

type Part<Context> = { name: string; isAlways: boolean; depth: number; plan: Plan<Context> } | { name: string; rule: TypeRule<Context> }

/**
 * Fills defaults into a draft of this shape, in place, parents before their parts.
 * @param before a state that has its defaults: parts that the draft shares with it are left
 */
export function applyDefaults<Context>(shape: Shape, draft: Plain, tables: DefaultsTables<Context>, context: Context, before: Plain = nothing): void {
  let plans = plansOf.get(tables) as Map<Shape, Plan<Context> | undefined> | undefined
  if (!plans) {
    plans = new Map()
    plansOf.set(tables, plans)
  }
  const plan = planOf(shape, tables, plans)
  if (plan) fill(plan, draft, context, before)
}

const nothing: Plain = Object.freeze({})
const plansOf = new WeakMap<object, Map<Shape, unknown>>()

function fill<Context>(plan: Plan<Context>, draft: Plain, context: Context, before: Plain = nothing): void {
  for (const [field, value] of plan.constants) {
    if (isAbsent(draft[field.name], field)) draft[field.name] = typeof value === 'object' ? deepCopy(value) : value
  }
  for (const rule of plan.rules) rule(draft, context)
  for (const part of plan.parts) {
    const value = draft[part.name]
    if (value === undefined || value === null) {
      if ('plan' in part && part.isAlways) fillAbsent(part.name, part.plan, draft, context)
    } else if (value === before[part.name]) continue
    else if ('rule' in part) part.rule(value, context)
    else fillEach(part.plan, value, part.depth, context, before[part.name])
  }
}

/** A struct that is no pointer is always there, even when it has nothing to print. */
function fillAbsent<Context>(name: string, plan: Plan<Context>, draft: Plain, context: Context): void {
  const value: Plain = {}
  fill(plan, value, context)
  for (const _ in value) {
    draft[name] = value
    return
  }
}

/** @param depth how many lists and maps lie between the field and its structs @param before what stood in the same place */
function fillEach<Context>(plan: Plan<Context>, value: unknown, depth: number, context: Context, before: unknown): void {
  if (value === before) return
  const earlier = (typeof before === 'object' && before !== null ? before : nothing) as Plain
  if (depth === 0) fill(plan, value as Plain, context, earlier)
  else if (Array.isArray(value)) for (let index = 0; index < value.length; index++) fillEach(plan, value[index], depth - 1, context, earlier[index])
  else for (const key in value as Plain) fillEach(plan, (value as Plain)[key], depth - 1, context, earlier[key])
}

/** Where zero and absent are one, a zero is filled too. */
function isAbsent(value: unknown, { pointer }: Field): boolean {
  return value === undefined || value === null || (!pointer && (value === '' || value === 0 || value === false))
}

function planOf<Context>(shape: Shape, tables: DefaultsTables<Context>, plans: Map<Shape, Plan<Context> | undefined>): Plan<Context> | undefined {
  if (!plans.has(shape)) planReachable(shape, tables, plans)
  return plans.get(shape)
}

/** Plans for all shapes that can be reached from this one; shapes may contain themselves. */
function planReachable<Context>(shape: Shape, tables: DefaultsTables<Context>, plans: Map<Shape, Plan<Context> | undefined>): void {
  const reached = reachableFrom(shape, plans)
  const own = new Map<Shape, Plan<Context>>()
  for (const each of reached) own.set(each, ownPlan(each, tables))
  const useful = usefulAmong(reached, own, plans)
  for (const each of reached) plans.set(each, useful.has(each) ? own.get(each) : undefined)
  for (const each of useful) {
    for (const field of each.fields) {
      const found = structIn(field.type)
      const plan = found && plans.get(found.shape)
      if (found && plan) own.get(each)?.parts.push({ name: field.name, isAlways: found.depth === 0 && !field.pointer, depth: found.depth, plan })
    }
  }
}

function reachableFrom(shape: Shape, known: ReadonlyMap<Shape, unknown>): Shape[] {
  const reached = new Set([shape])
  for (const each of reached) {
    for (const field of each.fields) {
      const found = structIn(field.type)
      if (found && !known.has(found.shape)) reached.add(found.shape)
    }
  }
  return [...reached]
}

/** Shapes with defaults of their own or somewhere below. */
function usefulAmong<Context>(
  reached: readonly Shape[],
  own: ReadonlyMap<Shape, Plan<Context>>,
  plans: ReadonlyMap<Shape, Plan<Context> | undefined>,
): Set<Shape> {
  const isFilled = (shape: Shape) => {
    const plan = own.get(shape)
    return plan !== undefined && plan.constants.length + plan.rules.length + plan.parts.length > 0
  }
  const useful = new Set(reached.filter(isFilled))
  for (let grows = true; grows; ) {
    grows = false
    for (const shape of reached) {
      if (useful.has(shape) || !shape.fields.some(({ type }) => leadsTo(type, (below) => useful.has(below) || plans.get(below) !== undefined))) continue
      useful.add(shape)
      grows = true
    }
  }
  return useful
}

function leadsTo(type: FieldType, isWanted: (shape: Shape) => boolean): boolean {
  const found = structIn(type)
  return found !== undefined && isWanted(found.shape)
}

function ownPlan<Context>(shape: Shape, tables: DefaultsTables<Context>): Plan<Context> {
  // The defaults of an embedded struct are those of its parent, in whose JSON it stands.
  const keys = [shape.key, ...embeddedKeys(shape)]
  const plan: Plan<Context> = { constants: [], rules: [], parts: [] }
  for (const key of keys) {
    for (const [name, value] of Object.entries(tables.constants[key] ?? {})) {
      const field = shape.field.get(name)
      if (field) plan.constants.push([field, value])
    }
    if (tables.rules[key]) plan.rules.push(tables.rules[key])
  }
  for (const field of shape.fields) {
    const rule = field.type.kind === 'map' ? tables.mapRule?.(shape, field) : undefined
    if (rule) plan.parts.push({ name: field.name, rule })
  }
  return plan
}

function embeddedKeys(shape: Shape): string[] {
  return shape.embedded.flatMap((each) => [each.shape.key, ...embeddedKeys(each.shape)])
}

function structIn(type: FieldType, depth = 0): { shape: Shape; depth: number } | undefined {
  if (type.kind === 'struct') return { shape: type.shape, depth }
  return type.kind === 'scalar' ? undefined : structIn(type.of, depth + 1)
}
