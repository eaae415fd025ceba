// Secret: content that is shown to few. Its type says which keys there must be.
// Upstream: pkg/registry/core/secret/strategy.go, ValidateSecret, printSecret
import { deepCopy, describeJSONError, type FieldError, field, validateConfigKey } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import type { Secret } from '../shapes/core-v1.js'
import { contentBytesMax, decodedLength, refuseImmutableChange } from './immutable-content.js'
import { keyPairWarning } from './secret-key-pair.js'

export const secret = defineResource<Secret>('v1/secrets', {
  cells: {
    Type: ({ type }) => type ?? '',
    Data: ({ data }) => Object.keys(data ?? {}).length,
  },
  metadataChecks: ['change', 'whole'],
  defaults: foldStringData,
  validate: validateSecret,
  validateUpdate: (next, old) => [
    ...(next.type === old.type ? [] : [field.invalid('type', next.type ?? '', 'field is immutable')]),
    ...refuseImmutableChange(next, old, ['data']),
    ...validateSecret(next),
  ],
  warnings({ type, data = {} }) {
    const warning = type === 'kubernetes.io/tls' ? keyPairWarning(bytesOf(data['tls.crt']), bytesOf(data['tls.key'])) : undefined
    return warning ? [warning] : []
  },
})

/** Text is a way to write data, never to read it. */
function foldStringData(draft: Secret): void {
  const { stringData } = draft
  if (!stringData) return
  draft.data = deepCopy(draft.data ?? {})
  for (const key of Object.keys(stringData)) draft.data[key] = Buffer.from(stringData[key], 'utf8').toString('base64')
  delete draft.stringData
}

const bytesOf = (base64 = '') => Buffer.from(base64, 'base64')

function validateSecret(secret: Secret): FieldError[] {
  const { data = {}, type = '' } = secret
  const errors: FieldError[] = []
  let bytes = 0
  for (const key in data) {
    for (const message of validateConfigKey(key)) errors.push(field.invalid(`data[${key}]`, key, message))
    bytes += decodedLength(data[key])
  }
  if (bytes > contentBytesMax) errors.push(field.tooLong('data', contentBytesMax))
  if (Object.hasOwn(rulesOfTypes, type)) errors.push(...rulesOfTypes[type](secret, data))
  return errors
}

type Content = Readonly<Record<string, string>>

const serviceAccountName = 'kubernetes.io/service-account.name'

/** What a type demands beside the rules for all. Empty values will do, except for keys to log in with. */
const rulesOfTypes: Record<string, (secret: Secret, data: Content) => FieldError[]> = {
  'kubernetes.io/service-account-token': ({ metadata }) =>
    metadata.annotations?.[serviceAccountName] ? [] : [field.required(`metadata.annotations[${serviceAccountName}]`)],
  'kubernetes.io/dockercfg': (_, data) => requireJSON(data, '.dockercfg'),
  'kubernetes.io/dockerconfigjson': (_, data) => requireJSON(data, '.dockerconfigjson'),
  'kubernetes.io/basic-auth': (_, data) => (hasAny(data, ['username', 'password']) ? [] : requireKeys(data, ['username', 'password'])),
  'kubernetes.io/ssh-auth': (_, data) => (data['ssh-privatekey'] ? [] : [field.required('data[ssh-privatekey]')]),
  'kubernetes.io/tls': (_, data) => requireKeys(data, ['tls.crt', 'tls.key']),
}

const hasAny = (data: Content, keys: readonly string[]) => keys.some((key) => Object.hasOwn(data, key))

function requireKeys(data: Content, keys: readonly string[]): FieldError[] {
  return keys.filter((key) => !Object.hasOwn(data, key)).map((key) => field.required(`data[${key}]`))
}

function requireJSON(data: Content, key: string): FieldError[] {
  if (!Object.hasOwn(data, key)) return requireKeys(data, [key])
  const problem = describeBadObject(bytesOf(data[key]))
  return problem ? [field.invalid(`data[${key}]`, '<secret contents redacted>', problem)] : []
}

const goKinds: Record<string, string> = { string: 'string', number: 'number', boolean: 'bool' }

/** Why bytes are no JSON object, in the words of Go's decoder; `null` counts as an empty one. */
function describeBadObject(bytes: Uint8Array): string | undefined {
  const syntax = describeJSONError(bytes)
  if (syntax) return syntax
  const value: unknown = JSON.parse(new TextDecoder().decode(bytes))
  if (typeof value === 'object' && !Array.isArray(value)) return undefined
  const kind = Array.isArray(value) ? 'array' : goKinds[typeof value]
  return `json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`
}
