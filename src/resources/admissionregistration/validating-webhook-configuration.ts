import { defineResource } from '../define-resource.js'
import type { ValidatingWebhookConfiguration } from '../shapes/admissionregistration-v1.js'
import { validateWebhooks } from './webhook-validation.js'

export const validatingWebhookConfiguration = defineResource<ValidatingWebhookConfiguration>(
  'admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
  {
    metadataChecks: ['whole'],
    takesAnyFinalizer: true,
    cells: { Webhooks: ({ webhooks }) => webhooks?.length ?? 0 },
    validate: ({ webhooks }) => validateWebhooks(webhooks),
  },
)
