import { defineResource } from '../define-resource.js'
import type { ControllerRevision } from '../shapes/apps-v1.js'

export const controllerRevision = defineResource<ControllerRevision>('apps/v1/controllerrevisions', {})
