// The provider plugin of @pulumi/kubernetes, built from its module. The schema of 200 MB that a released plugin embeds serves
// code generation and documentation; the engine's calls (Check, Diff, Create, ...) do not read it.
package main

import (
	"fmt"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
)

// version is the version of the npm package that the plugin serves; set by the linker.
var version = "0.0.0"

func main() {
	schema := fmt.Sprintf(`{"name":"kubernetes","version":%q}`, version)
	provider.Serve("kubernetes", version, []byte(schema), []byte("{}"))
}
