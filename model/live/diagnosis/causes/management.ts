import { type DiagnosisRule, about, complaints } from "../case";

/** The API server does not trust the certificate of a webhook. */
export const webhookUntrusted: DiagnosisRule = {
  id: "management/webhook-untrusted",
  why: "The API server refuses every write that the webhook would have to admit, so controllers stand still.",
  fix: "renew the provider's webhook certificate: restart cert-manager and its CA injector, then the provider",
  find: (at) =>
    complaints(at)
      .filter(({ words }) => /failed calling webhook/i.test(words) && /x509|certificate/i.test(words))
      .slice(0, 1)
      .map(({ object, words, ...since }) => ({
        ...about(object),
        ...since,
        problem: "the API server does not trust the certificate of a provider's webhook",
        evidence: words,
        fix: "restart cert-manager and its CA injector, then the provider whose webhook is named",
        command: "kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations -o wide",
      })),
};

/** A webhook does not answer. */
export const webhookUnreachable: DiagnosisRule = {
  id: "management/webhook-unreachable",
  why: "The API server refuses every write that a silent webhook would have to admit.",
  fix: "start the provider whose webhook is named, and let the API server reach its pods",
  find: (at) =>
    complaints(at)
      .filter(({ words }) => /failed calling webhook/i.test(words) && !/x509|certificate/i.test(words))
      .slice(0, 1)
      .map(({ object, words, ...since }) => ({
        ...about(object),
        ...since,
        problem: "a provider's webhook does not answer",
        evidence: words,
        fix: "start the provider whose webhook is named, and let the API server reach its pods",
        command: "kubectl get pods -A -l cluster.x-k8s.io/provider",
      })),
};
