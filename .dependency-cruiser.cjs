/** Who may import whom (docs/architecture.md): index -> components -> model, ops -> model, lab -> ops and model. */
module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
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
      name: "model-knows-no-pulumi",
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
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
  },
};
