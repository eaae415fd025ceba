import { defineResource } from '../define-resource.js'
import type { ConfigMap } from '../shapes/core-v1.js'

export const configMap = defineResource<ConfigMap>('v1/configmaps', {
  cells: { Data: ({ data, binaryData }) => Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length },
})
