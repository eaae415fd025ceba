import { defineResource } from '../define-resource.js'
import type { MutatingWebhookConfiguration } from '../shapes/admissionregistration-v1.js'
import { validateWebhooks } from './webhook-validation.js'

export const mutatingWebhookConfiguration = defineResource<MutatingWebhookConfiguration>('admissionregistration.k8s.io/v1/mutatingwebhookconfigurations', {
  metadataChecks: ['whole'],
  takesAnyFinalizer: true,
  cells: { Webhooks: ({ webhooks }) => webhooks?.length ?? 0 },
  validate: ({ webhooks }) => validateWebhooks(webhooks),
})
