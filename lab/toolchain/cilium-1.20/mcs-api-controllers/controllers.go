// Package controllers stands for sigs.k8s.io/mcs-api/controllers, which the module proxy does not serve. Cilium's operator reads one
// name of it, for services of several clusters, and a rehearsed cluster has no others.
package controllers

// DerivedServiceAnnotation is on a ServiceImport, and names the Service that stands for it (Multi-Cluster Services API).
const DerivedServiceAnnotation = "multicluster.kubernetes.io/derived-service"
