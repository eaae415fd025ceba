export { type Application, type Applied, applyConfiguration, identityText } from './apply.js'
export type { FieldSet } from './field-set.js'
export { type PlainWrite, recordUpdate, type Versions } from './ownership.js'
export type { ResetFields } from './tracked-fields.js'
