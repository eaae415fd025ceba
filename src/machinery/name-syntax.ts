// Names of objects, ports and keys: what is wrong with one, as texts.
// Upstream: apimachinery/pkg/util/validation/validation.go, apimachinery/pkg/api/validation/generic.go, apimachinery/pkg/api/validation/path
import { byteLength } from './byte-length.js'

// Every repetition is followed by something it cannot match, so that matching takes linear time.
const labelPattern = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const subdomainPattern = `${labelPattern}(\\.${labelPattern})*`
const dns1035Pattern = '[a-z]([-a-z0-9]*[a-z0-9])?'
const configKeyPattern = '[-._a-zA-Z0-9]+'

const label = whole(labelPattern)
const subdomain = whole(subdomainPattern)
const dns1035Label = whole(dns1035Pattern)
const configKey = whole(configKeyPattern)
const portNameCharacters = /^[-a-z0-9]+$/

const labelBytesMax = 63
const subdomainBytesMax = 253
const portNameBytesMax = 15

/** A pattern that must match all of a text. */
export function whole(pattern: string): RegExp {
  return new RegExp(`^${pattern}$`)
}

/** How a text that breaks a pattern is told of it. */
export function patternMessage(words: string, pattern: string, ...examples: string[]): string {
  const shown = examples.map((example) => `'${example}', `).join(' or ')
  return `${words} (${shown ? `e.g. ${shown}` : ''}regex used for validation is '${pattern}')`
}

const subdomainWords =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"
const subdomainMessage = patternMessage(subdomainWords, subdomainPattern, 'example.com')
const labelMessage = patternMessage(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  labelPattern,
  'my-name',
  '123-abc',
)
const dns1035Message = patternMessage(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  dns1035Pattern,
  'my-name',
  'abc-123',
)
const configKeyMessage = patternMessage(
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
  configKeyPattern,
  'key.name',
  'KEY_NAME',
  'key-name',
)

/** A lowercase RFC 1123 label: `web-1`. */
export function validateDNSLabel(value: string): string[] {
  const errors = tooLong(value, labelBytesMax)
  if (!label.test(value)) errors.push(subdomain.test(value) ? 'must not contain dots' : labelMessage)
  return errors
}

/** A lowercase RFC 1123 subdomain: `web.example.com`. The rule for names of most kinds. */
export function validateDNSSubdomain(value: string): string[] {
  const errors = tooLong(value, subdomainBytesMax)
  if (!subdomain.test(value)) errors.push(subdomainMessage)
  return errors
}

/** A label of the older RFC 1035, which starts with a letter. */
export function validateDNS1035Label(value: string): string[] {
  const errors = tooLong(value, labelBytesMax)
  if (!dns1035Label.test(value)) errors.push(dns1035Message)
  return errors
}

/** The prefix of a label key. Upstream has the rule of subdomains twice, and counts in bytes here. */
export function validateLabelPrefix(value: string): string[] {
  const errors = byteLength(value) > subdomainBytesMax ? [`must be no more than ${subdomainBytesMax} bytes`] : []
  if (!subdomain.test(value)) errors.push(subdomainMessage)
  return errors
}

/** A domain of two segments at least, with or without the last dot. @returns the part that is wrong and why, one line for each */
export function validateFullDomain(name: string): { value: string; message: string } | undefined {
  const value = name.endsWith('.') ? name.slice(0, -1) : name
  const errors = validateDNSSubdomain(value)
  if (errors.length) return { value, message: errors.join(',') }
  const labels = value.split('.')
  if (labels.length < 2) return { value, message: 'should be a domain with at least two segments separated by dots' }
  const wrong = labels.find((each) => validateDNSLabel(each).length)
  return wrong === undefined ? undefined : { value: wrong, message: validateDNSLabel(wrong).join(',') }
}

export function validatePort(port: number): string[] {
  return validateRange(port, 1, 65535)
}

export function validateRange(value: number, min: number, max: number): string[] {
  return value >= min && value <= max ? [] : [`must be between ${min} and ${max}, inclusive`]
}

/** The name of a container's port: `http-alt`. */
export function validatePortName(name: string): string[] {
  const errors = tooLong(name, portNameBytesMax)
  if (!portNameCharacters.test(name)) errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  if (!/[a-z]/.test(name)) errors.push('must contain at least one letter (a-z)')
  if (name.includes('--')) errors.push('must not contain consecutive hyphens')
  if (name.startsWith('-') || name.endsWith('-')) errors.push('must not begin or end with a hyphen')
  return errors
}

/** A key of a ConfigMap or Secret, which may become a file's name. */
export function validateConfigKey(key: string): string[] {
  const errors = tooLong(key, subdomainBytesMax)
  if (!configKey.test(key)) errors.push(configKeyMessage)
  if (key === '.' || key === '..') errors.push(`must not be '${key}'`)
  else if (key.startsWith('..')) errors.push("must not start with '..'")
  return errors
}

/** What a kind's `validateName` may be. `prefix`: the value is a generateName, to which more will be appended. */
export function validateNameAsSubdomain(name: string, prefix: boolean): string[] {
  return validateDNSSubdomain(prefix ? completed(name) : name)
}

export function validateNameAsLabel(name: string, prefix: boolean): string[] {
  return validateDNSLabel(prefix ? completed(name) : name)
}

export function validateNameAsDNS1035Label(name: string, prefix: boolean): string[] {
  return validateDNS1035Label(prefix ? completed(name) : name)
}

/** A name that only has to fit into a path: roles may be called `system:node`. */
export function validatePathSegment(name: string, prefix: boolean): string[] {
  if (!prefix && (name === '.' || name === '..')) return [`may not be '${name}'`]
  return ['/', '%'].filter((character) => name.includes(character)).map((character) => `may not contain '${character}'`)
}

// What is generated may start with a dash that ends the prefix.
function completed(prefix: string): string {
  return prefix.length > 1 && prefix.endsWith('-') ? `${prefix.slice(0, -2)}a` : prefix
}

function tooLong(value: string, bytesMax: number): string[] {
  return byteLength(value) > bytesMax ? [`must be no more than ${bytesMax} characters`] : []
}
