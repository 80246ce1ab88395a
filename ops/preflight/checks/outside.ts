import { type CheckResult, judged, notApplicable, unknown } from "../../../model/live/preflight/check-result";
import {
  isChecksumUrl,
  judgeChecksum,
  judgeChecksumFile,
  judgeUrl,
} from "../../../model/live/preflight/image";
import { judgeEndpointFree, judgeRouters } from "../../../model/live/preflight/reach";
import type { Stack } from "../../../model/stack/schema";
import { type Image, namedImages } from "../../../model/plan/images";
import { definePreflight } from "../check";
import { fetchText, headOf, probeApiServer, probeTcp } from "../probes";

/** An unused endpoint does not answer; a preview should not wait longer than this for the timeout. */
const endpointSeconds = 0.5;
const routerSeconds = 3;

/** Judges every image that a stack names, and puts the results together. */
async function eachImage(
  stack: Stack,
  judge: (image: Image, at: string) => Promise<CheckResult>,
): Promise<CheckResult> {
  const all = await Promise.all(namedImages(stack).map(({ image, at }) => judge(image, at)));
  return judged(
    all.map(({ checked }) => checked).join(", "),
    all.flatMap(({ problems }) => problems),
    all.flatMap(({ unknowns }) => unknowns),
  );
}

/** What lies outside of the management cluster: the endpoint, the image, the routers, Cilium's chart. */
export const outsideChecks = [
  definePreflight({
    id: "endpoint/free",
    summary: "The endpoint's address is not in use.",
    why: "when another host answers on the address, every node of the new cluster connects to it",
    run: async ({ stack, plan, management }) => {
      const { host, port } = plan.cilium.endpoint;
      const [cluster, answer] = await Promise.all([
        management.cluster(),
        probeApiServer(host, port, endpointSeconds),
      ]);
      return judgeEndpointFree(stack, cluster !== undefined, answer);
    },
  }),
  definePreflight({
    id: "image/url-answers",
    summary: "The image's server serves the image.",
    why: "a missing image is noticed only when the first server is provisioned",
    network: true,
    run: async ({ stack }) =>
      eachImage(stack, async ({ url }, at) => judgeUrl(url, `${at}.url`, await headOf(url))),
  }),
  definePreflight({
    id: "image/checksum-usable",
    summary: "The image's checksum is available and matches its type.",
    why: "an image without a matching checksum is refused after the download",
    network: true,
    run: async ({ stack }) =>
      eachImage(stack, async (image, at) => {
        if (!isChecksumUrl(image)) return judgeChecksum(image, at);
        const answer = await fetchText(image.checksum);
        if (typeof answer === "string") return judgeChecksumFile(image, answer, at);
        return judgeUrl(image.checksum, `${at}.checksum`, answer);
      }),
  }),
  definePreflight({
    id: "bgp/routers-reachable",
    summary: "The routers listen for BGP.",
    why: "sessions to a router that does not listen never come up, and the last step of the update waits for them",
    network: true,
    run: async ({ stack }) => {
      const peers = (stack.bgp?.routers ?? []).flatMap(({ addresses, port }, i) =>
        addresses.map((address, j) => ({ at: `bgp.routers[${i}].addresses[${j}]`, address, port })),
      );
      return judgeRouters(
        await Promise.all(
          peers.map(async (peer) => ({
            ...peer,
            outcome: await probeTcp(peer.address, peer.port, routerSeconds),
          })),
        ),
      );
    },
  }),
  definePreflight({
    id: "cilium/chart-rendered",
    summary: "The Cilium CLI renders the chart.",
    why: "a chart that the CLI cannot render cannot be installed",
    timeoutSeconds: 120,
    run: async ({ plan, rendered }) => {
      const { render, refused, missing } = await rendered;
      if (missing !== undefined) return unknown(missing);
      if (refused !== undefined) {
        const fix = "correct cilium.version or cilium.values, or use a newer Cilium CLI";
        return judged("", [{ at: "cilium", problem: refused, fix }]);
      }
      if (render === undefined) return notApplicable("nothing is rendered");
      return judged(`Cilium ${plan.cilium.version}, ${render.objects.length} objects`);
    },
  }),
];
