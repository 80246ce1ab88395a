// Data only: the BareMetalHost CRDs, fetched by `go mod download path@version`, which checks them against this folder's go.sum.
module metal/lab/toolchain/baremetal-operator

go 1.26

require github.com/metal3-io/baremetal-operator v0.13.0 // indirect
