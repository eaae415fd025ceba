import { defineResource } from '../define-resource.js'
import { containerImages, containerNames, labelsText } from '../printing.js'
import type { PodTemplate } from '../shapes/core-v1.js'
import { templateWarnings } from '../workload.js'
import { validatePodTemplate } from './pod-validation.js'

export const podTemplate = defineResource<PodTemplate>('v1/podtemplates', {
  warnings: (object, old) => templateWarnings(object, old, object.template, 'template'),
  validate: ({ template }) => validatePodTemplate(template, 'template'),
  cells: {
    Containers: ({ template }) => containerNames(template),
    Images: ({ template }) => containerImages(template),
    'Pod Labels': ({ template }) => labelsText(template.metadata.labels),
  },
})
