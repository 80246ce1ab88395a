/**
 * Which folder may import which (docs/architecture.md). Types count as imports.
 *   index -> components -> model; ops -> model; lab -> ops and model; nothing imports lab.
 */

/** The rooms of model/, from the ground up: a room imports only rooms before it. */
const rooms = [
  "text",
  "kubernetes",
  "net",
  "redaction",
  "findings",
  "stack",
  "bgp",
  "plan",
  "cilium",
  "live",
  "checks",
  "change",
  "fleet",
  "import",
];

const roomOrder = rooms.slice(0, -1).map((room, index) => ({
  name: `model-${room}-first`,
  severity: "error",
  from: { path: `^model/${room}/` },
  to: { path: `^model/(${rooms.slice(index + 1).join("|")})/` },
}));

module.exports = {
  forbidden: [
    ...roomOrder,
    {
      name: "model-has-rooms-only",
      severity: "error",
      from: {},
      to: { path: `^model/(?!(${rooms.join("|")})/)` },
    },
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "model-is-alone",
      severity: "error",
      from: { path: "^model/" },
      to: { path: "^(components|ops|lab|index)" },
    },
    {
      name: "model-is-pure",
      severity: "error",
      from: { path: "^model/" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "model-without-pulumi",
      severity: "error",
      from: { path: "^model/" },
      to: { path: "@pulumi|@kubernetes" },
    },
    {
      name: "ops-below-program",
      severity: "error",
      from: { path: "^ops/" },
      to: { path: "^(components|lab|index)" },
    },
    {
      name: "components-below-index",
      severity: "error",
      from: { path: "^components/" },
      to: { path: "^(lab|index)" },
    },
    {
      name: "nothing-imports-lab",
      severity: "error",
      from: { pathNot: "^(lab|test|bench)/" },
      to: { path: "^lab/" },
    },
    {
      name: "production-without-tests",
      severity: "error",
      from: { pathNot: "^(test|bench)/" },
      to: { path: "^test/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
  },
};
