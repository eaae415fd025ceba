import { defineResource } from '../define-resource.js'
import type { PriorityLevelConfiguration } from '../shapes/flowcontrol-v1.js'

export const priorityLevelConfiguration = defineResource<PriorityLevelConfiguration>('flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations', {})
