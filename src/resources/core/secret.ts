import { defineResource } from '../define-resource.js'
import type { Secret } from '../shapes/core-v1.js'

export const secret = defineResource<Secret>('v1/secrets', {
  cells: {
    Type: ({ type }) => type ?? '',
    Data: ({ data }) => Object.keys(data ?? {}).length,
  },
})
