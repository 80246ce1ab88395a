import { runCilium } from "../../ops/cilium/cli";

/** Runs the Cilium CLI of PATH with a kubeconfig, for tests that end this process while it runs. */
void runCilium(["sysdump"], "PRIVATE-KUBECONFIG", {
  env: process.env,
  directory: process.cwd(),
  err: (text) => process.stderr.write(text),
}).then((code) => {
  process.exitCode = code === 0 ? 0 : 2;
});
