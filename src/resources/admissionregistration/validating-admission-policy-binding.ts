import { formatLabelSelector } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import type { ValidatingAdmissionPolicyBinding } from '../shapes/admissionregistration-v1.js'

function parameterText({ spec: { paramRef } }: ValidatingAdmissionPolicyBinding): string {
  if (paramRef?.name) return `${paramRef.namespace || '*'}/${paramRef.name}`
  return paramRef?.selector ? formatLabelSelector(paramRef.selector) : '<unset>'
}

export const validatingAdmissionPolicyBinding = defineResource<ValidatingAdmissionPolicyBinding>(
  'admissionregistration.k8s.io/v1/validatingadmissionpolicybindings',
  {
    metadataChecks: ['whole'],
    takesAnyFinalizer: true,
    cells: {
      PolicyName: ({ spec }) => spec.policyName ?? '',
      ParamRef: parameterText,
    },
  },
)
