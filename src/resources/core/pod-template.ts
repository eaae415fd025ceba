import { defineResource } from '../define-resource.js'
import { containerImages, containerNames, labelsText } from '../printing.js'
import type { PodTemplate } from '../shapes/core-v1.js'
import { validatePodTemplate } from './pod-validation.js'

export const podTemplate = defineResource<PodTemplate>('v1/podtemplates', {
  validate: ({ template }) => validatePodTemplate(template, 'template'),
  cells: {
    Containers: ({ template }) => containerNames(template),
    Images: ({ template }) => containerImages(template),
    'Pod Labels': ({ template }) => labelsText(template.metadata.labels),
  },
})
