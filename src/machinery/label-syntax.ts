// Keys and values of labels.
// Upstream: apimachinery/pkg/util/validation IsQualifiedName, IsValidLabelValue

const namePart = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

const nameWords =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const subdomainWords =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const valueWords =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"

/** What is wrong with `example.com/name`, as texts. */
export function validateLabelKey(key: string): string[] {
  const parts = key.split('/')
  if (parts.length > 2) return [`a valid label key ${nameWords} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`]
  const errors: string[] = []
  if (parts.length === 2) {
    const [prefix] = parts
    if (!prefix) errors.push('prefix part must be non-empty')
    else if (prefix.length > 253) errors.push('prefix part must be no more than 253 bytes')
    else if (!subdomain.test(prefix)) errors.push(`prefix part ${subdomainWords}`)
  }
  const name = parts[parts.length - 1]
  if (!name) errors.push('name part must be non-empty')
  else if (name.length > 63) errors.push('name part must be no more than 63 bytes')
  if (name.length > 1000 || !namePart.test(name)) errors.push(`name part ${nameWords}`)
  return errors
}

/** What is wrong with a label's value, as texts. */
export function validateLabelValue(value: string): string[] {
  const errors: string[] = []
  if (value.length > 63) errors.push('must be no more than 63 bytes')
  if (value && (value.length > 1000 || !namePart.test(value))) errors.push(valueWords)
  return errors
}
