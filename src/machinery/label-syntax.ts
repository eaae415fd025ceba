// Keys and values of labels.
// Upstream: apimachinery/pkg/api/validate/content/kube.go IsLabelKey, IsLabelValue
import { byteLength } from './byte-length.js'
import { patternMessage, validateLabelPrefix, whole } from './name-syntax.js'

const namePattern = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const namePart = whole(namePattern)
const partBytesMax = 63

const nameMessage = patternMessage(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  namePattern,
  'MyName',
  'my.name',
  '123-abc',
)
const valueMessage = patternMessage(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  `(${namePattern})?`,
  'MyValue',
  'my_value',
  '12345',
)

/** What is wrong with `example.com/name`, as texts. */
export function validateLabelKey(key: string): string[] {
  const slash = key.indexOf('/')
  if (slash >= 0 && key.indexOf('/', slash + 1) >= 0) {
    return [`a valid label key ${nameMessage} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`]
  }
  const errors: string[] = []
  if (slash === 0) errors.push('prefix part must be non-empty')
  else if (slash > 0) errors.push(...validateLabelPrefix(key.slice(0, slash)).map((message) => `prefix part ${message}`))
  const name = key.slice(slash + 1)
  if (!name) errors.push('name part must be non-empty')
  else if (byteLength(name) > partBytesMax) errors.push(`name part must be no more than ${partBytesMax} bytes`)
  if (!namePart.test(name)) errors.push(`name part ${nameMessage}`)
  return errors
}

/** Names of conditions, resources and finalizers follow the rule of label keys. */
export const validateQualifiedName = validateLabelKey

/** What is wrong with a label's value, as texts. */
export function validateLabelValue(value: string): string[] {
  const errors: string[] = []
  if (byteLength(value) > partBytesMax) errors.push(`must be no more than ${partBytesMax} bytes`)
  if (value && !namePart.test(value)) errors.push(valueMessage)
  return errors
}
