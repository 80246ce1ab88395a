import { type Check, defineCheck } from "./check";

/** Checks of the control plane, of Cilium and of BGP. */
export const clusterChecks: readonly Check[] = [
  defineCheck({
    id: "etcd/member-count-odd",
    why: "an even member more survives no failure more",
    run: ({ controlPlane: { replicas } }) =>
      replicas % 2 === 1
        ? []
        : [
            {
              at: "controlPlane.replicas",
              problem: `${replicas} members survive as many failures as ${replicas - 1}, and Cluster API refuses them`,
              fix: `write ${replicas - 1} or ${replicas + 1}`,
            },
          ],
  }),
  defineCheck({
    id: "health/startup-timeout-realistic",
    why: "a machine is deleted before it has booted, its host is wiped, and so on for ever",
    run: ({ controlPlane, workers }) =>
      [
        { at: "controlPlane", check: controlPlane.healthCheck },
        ...workers.map(({ healthCheck }, i) => ({ at: `workers[${i}]`, check: healthCheck })),
      ].flatMap(({ at, check: { enabled, nodeStartupTimeoutSeconds: seconds } }) =>
        !enabled || seconds === 0 || seconds >= 1800
          ? []
          : [
              {
                at: `${at}.healthCheck.nodeStartupTimeoutSeconds`,
                problem: `${seconds} s is shorter than a bare-metal provision`,
                fix: "write 7200",
              },
            ],
      ),
  }),
  defineCheck({
    id: "cilium/bgp-served",
    why: "the BGP kinds of cilium.io/v2 exist since 1.18",
    run: ({ cilium, bgp }) => {
      const [major = 0, minor = 0] = cilium.version.split(".").map(Number);
      if (bgp === undefined || major > 1 || minor >= 18) return [];
      return [
        {
          at: "cilium.version",
          problem: `Cilium ${cilium.version} does not serve BGP in cilium.io/v2`,
          fix: 'write "1.19.5"',
        },
      ];
    },
  }),
  defineCheck({
    id: "cilium/cluster-name-short",
    why: "Cilium refuses cluster names of more than 32 characters",
    run: ({ name }) =>
      name.length <= 32
        ? []
        : [{ at: "name", problem: `"${name}" has ${name.length} characters`, fix: "shorten it to 32" }],
  }),
  defineCheck({
    id: "bgp/keepalive-below-hold",
    why: "the API refuses a peer whose keepalive is longer than its hold time",
    run: ({ bgp }) =>
      (bgp?.instances ?? []).flatMap((instance, i) =>
        instance.peers.flatMap(({ holdTimeSeconds: hold, keepAliveTimeSeconds: keepAlive }, j) =>
          keepAlive * 3 <= hold
            ? []
            : [
                {
                  at: `bgp.instances[${i}].peers[${j}].keepAliveTimeSeconds`,
                  problem: `${keepAlive} s is more than a third of the hold time, ${hold} s`,
                  fix: `write ${Math.max(1, Math.floor(hold / 3))}`,
                },
              ],
        ),
      ),
  }),
  defineCheck({
    id: "bgp/peer-names-unique",
    why: "peer configurations are objects named after their peer",
    run: ({ bgp }) => {
      const seen = new Map<string, string>();
      return (bgp?.instances ?? []).flatMap((instance, i) =>
        instance.peers.flatMap(({ name }, j) => {
          const at = `bgp.instances[${i}].peers[${j}].name`;
          const first = seen.get(name);
          seen.set(name, first ?? at);
          return first === undefined
            ? []
            : [{ at, problem: `"${name}" is also the name of ${first}`, fix: "give each peer its own name" }];
        }),
      );
    },
  }),
];
