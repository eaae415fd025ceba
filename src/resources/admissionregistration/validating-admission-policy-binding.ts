import { defineResource } from '../define-resource.js'
import type { ValidatingAdmissionPolicyBinding } from '../shapes/admissionregistration-v1.js'

export const validatingAdmissionPolicyBinding = defineResource<ValidatingAdmissionPolicyBinding>(
  'admissionregistration.k8s.io/v1/validatingadmissionpolicybindings',
  {},
)
