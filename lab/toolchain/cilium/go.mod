// Data only: the charts and CRDs of every Cilium version that the rehearsal renders. A go.mod can require one version of a module;
// the others are fetched by `go mod download path@version`, which checks them against this folder's go.sum.
module metal/lab/toolchain/cilium

go 1.26

require github.com/cilium/cilium v1.19.5 // indirect
