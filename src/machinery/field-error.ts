// What is wrong with one field, in the words of the API.
// Upstream: apimachinery/pkg/util/validation/field/errors.go

export type FieldErrorType =
  | 'FieldValueRequired'
  | 'FieldValueInvalid'
  | 'FieldValueTypeInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueDuplicate'
  | 'FieldValueForbidden'
  | 'FieldValueNotFound'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'InternalError'

export interface FieldError {
  type: FieldErrorType
  /** `spec.ports[0].port`; `[]` is how upstream prints the object itself. */
  field: string
  /** Everything after the path: `Required value`, `Invalid value: 0: must be …`. */
  body: string
}

const withDetail = (text: string, detail?: string) => (detail ? `${text}: ${detail}` : text)
const many = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`

/** Makers of field errors: `field.required('spec.ports')`, `field.invalid('spec.type', value, 'must be …')`. */
export const field = {
  required: (path: string, detail = ''): FieldError => ({ type: 'FieldValueRequired', field: path, body: withDetail('Required value', detail) }),
  invalid: (path: string, value: unknown, detail = ''): FieldError => ({
    type: 'FieldValueInvalid',
    field: path,
    body: withDetail(`Invalid value: ${formatValue(value)}`, detail),
  }),
  typeInvalid: (path: string, value: unknown, detail = ''): FieldError => ({
    type: 'FieldValueTypeInvalid',
    field: path,
    body: withDetail(`Invalid value: ${formatValue(value)}`, detail),
  }),
  /** `supported` in the order it is printed. */
  notSupported: (path: string, value: unknown, supported: readonly string[]): FieldError => ({
    type: 'FieldValueNotSupported',
    field: path,
    body: `Unsupported value: ${formatValue(value)}: supported values: ${supported.map((each) => JSON.stringify(each)).join(', ')}`,
  }),
  duplicate: (path: string, value: unknown): FieldError => ({ type: 'FieldValueDuplicate', field: path, body: `Duplicate value: ${formatValue(value)}` }),
  forbidden: (path: string, detail: string): FieldError => ({ type: 'FieldValueForbidden', field: path, body: withDetail('Forbidden', detail) }),
  notFound: (path: string, value: unknown): FieldError => ({ type: 'FieldValueNotFound', field: path, body: `Not found: ${formatValue(value)}` }),
  tooLong: (path: string, bytesMax: number): FieldError => ({
    type: 'FieldValueTooLong',
    field: path,
    body: `Too long: may not be more than ${many(bytesMax, 'byte')}`,
  }),
  tooMany: (path: string, actual: number, itemsMax: number): FieldError => ({
    type: 'FieldValueTooMany',
    field: path,
    body: `Too many: ${actual}: must have at most ${many(itemsMax, 'item')}`,
  }),
}

/** Strings as Go's %q, numbers and booleans bare, all else as compact JSON. */
export function formatValue(value: unknown): string {
  return value === undefined ? 'null' : typeof value === 'string' ? quote(value) : JSON.stringify(value)
}

/** Go's %q for ordinary text. */
export function quote(text: string): string {
  return JSON.stringify(text)
    .replace(/\\u00([01][0-9a-f])/g, '\\x$1')
    .replace(/\u007f/g, '\\x7f')
}

/** One error is its text, several are a list without exact repetitions. */
export function aggregateMessage(errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map((error) => `${error.field}: ${error.body}`))]
  return texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`
}
