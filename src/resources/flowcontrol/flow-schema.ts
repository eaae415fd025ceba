import { defineResource } from '../define-resource.js'
import type { FlowSchema } from '../shapes/flowcontrol-v1.js'

export const flowSchema = defineResource<FlowSchema>('flowcontrol.apiserver.k8s.io/v1/flowschemas', {})
