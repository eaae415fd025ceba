// Checks of one field that many kinds share: each says what is wrong as a list, usually empty.
import { type FieldError, field } from '../../machinery/index.js'

/** Texts of what is wrong with a value, as errors of its field. */
export function invalids(path: string, value: unknown, problems: readonly string[]): FieldError[] {
  return problems.map((problem) => field.invalid(path, value, problem))
}

/** A text that must be there and must pass a check. */
export function requiredText(path: string, value: string | undefined, problemsOf?: (value: string) => string[]): FieldError[] {
  if (!value) return [field.required(path)]
  return problemsOf ? invalids(path, value, problemsOf(value)) : []
}

/** A text that may be absent. */
export function optionalText(path: string, value: string | undefined, problemsOf: (value: string) => string[]): FieldError[] {
  return value ? invalids(path, value, problemsOf(value)) : []
}

export function nonNegative(path: string, value: number | undefined): FieldError[] {
  return value !== undefined && value < 0 ? [field.invalid(path, value, 'must be greater than or equal to 0')] : []
}

export function within(path: string, value: number | undefined, [min, max]: readonly [number, number]): FieldError[] {
  return value !== undefined && (value < min || value > max) ? [field.invalid(path, value, `must be between ${min} and ${max}, inclusive`)] : []
}

/** One of the words, when it is given. `supported` in the order it is printed. */
export function optionalWord(path: string, value: string | undefined, supported: readonly string[]): FieldError[] {
  return value === undefined || supported.includes(value) ? [] : [field.notSupported(path, value, supported)]
}

export function requiredWord(path: string, value: string | undefined, supported: readonly string[]): FieldError[] {
  return value ? optionalWord(path, value, supported) : [field.required(path)]
}

/** All errors of a list's members; `path` is the list's. */
export function inEach<T>(
  list: readonly T[] | null | undefined,
  path: string,
  errorsOf: (member: T, path: string, index: number) => FieldError[],
): FieldError[] {
  if (!list?.length) return []
  return list.flatMap((member, index) => errorsOf(member, `${path}[${index}]`, index))
}
