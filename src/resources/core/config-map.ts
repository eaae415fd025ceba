// ConfigMap: files and variables for pods, as text or bytes.
// Upstream: pkg/registry/core/configmap/strategy.go, ValidateConfigMap, printConfigMap
import { byteLength, type FieldError, field, validateConfigKey } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import type { ConfigMap } from '../shapes/core-v1.js'
import { contentBytesMax, decodedLength, refuseImmutableChange } from './immutable-content.js'

export const configMap = defineResource<ConfigMap>('v1/configmaps', {
  cells: { Data: ({ data, binaryData }) => Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length },
  metadataChecks: ['change', 'whole'],
  validate: validateConfigMap,
  validateUpdate: (next, old) => [...refuseImmutableChange(next, old, ['data', 'binaryData']), ...validateConfigMap(next)],
})

function validateConfigMap({ data = {}, binaryData = {} }: ConfigMap): FieldError[] {
  const errors: FieldError[] = []
  let bytes = 0
  for (const key in data) {
    for (const message of validateConfigKey(key)) errors.push(field.invalid(`data[${key}]`, key, message))
    if (Object.hasOwn(binaryData, key)) errors.push(field.invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'))
    bytes += byteLength(data[key])
  }
  for (const key in binaryData) {
    for (const message of validateConfigKey(key)) errors.push(field.invalid(`binaryData[${key}]`, key, message))
    bytes += decodedLength(binaryData[key])
  }
  // The object as a whole is meant, which upstream prints so.
  if (bytes > contentBytesMax) errors.push(field.tooLong('[]', contentBytesMax))
  return errors
}
