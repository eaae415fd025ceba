import { defineResource } from '../define-resource.js'
import type { Node } from '../shapes/core-v1.js'

export const node = defineResource<Node>('v1/nodes', {})
