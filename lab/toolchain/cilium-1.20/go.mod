// Cilium's own programs of 1.20.2, as the nodes of the lab run them; the replacements are those of its go.mod.
module metal/lab/toolchain/cilium-1.20

go 1.26

require github.com/cilium/cilium v1.20.2

replace sigs.k8s.io/controller-tools => github.com/cilium/controller-tools v0.21.0-1

tool (
	github.com/cilium/cilium/cilium-dbg
	github.com/cilium/cilium/cilium-health/responder
	github.com/cilium/cilium/daemon
	github.com/cilium/cilium/operator
	github.com/cilium/cilium/plugins/cilium-cni
	github.com/cilium/cilium/tools/mount
	github.com/cilium/cilium/tools/sysctlfix
)
